# Compiles SOURCE with -DWRONG=NUMBER. 0 must compile; all others must fail, with PHRASE in what the compiler says.
execute_process(COMMAND ${COMPILER} -std=c++20 -fsyntax-only -I${ROOT} -include ${HEADERS} -DWRONG=${NUMBER} ${SOURCE}
  RESULT_VARIABLE status ERROR_VARIABLE said)
if(NUMBER EQUAL 0)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "the right forms must compile:\n${said}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "it compiled")
elseif(NOT said MATCHES "error: [^\n]*(${PHRASE})")
  message(FATAL_ERROR "it failed, but no error says '${PHRASE}':\n${said}")
endif()
