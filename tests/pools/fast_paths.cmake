# Reads the disassembly of each fast path: no call (the cold path is a jump), nothing that waits for other processors,
# and few instructions. Parts that the compiler set aside as cold are functions of their own, and not counted.
set(functions slab_pool_acquire slab_pool_release stack_pool_acquire stack_pool_release arena_acquire arena_release
  recycler_pool_acquire recycler_pool_release small_pool_acquire small_pool_release recycling_arena_acquire
  recycling_arena_release pool_resource_acquire pool_resource_release local_pool_acquire local_pool_release
  object_pool_acquire object_pool_release object_pool_fast_acquire object_pool_fast_release)
foreach(function IN LISTS functions)
  set(most_instructions 18) # static_pool has two ways to a slot, both in line
  if(function MATCHES "_fast_") # the mark of the slot, and which slab it is in
    set(most_instructions 32)
  endif()
  execute_process(COMMAND ${OBJDUMP} -d --no-show-raw-insn --disassemble=${function} ${OBJECT}
    OUTPUT_VARIABLE text RESULT_VARIABLE status)
  string(REGEX MATCHALL "\n +[0-9a-f]+:\t[^\n]+" instructions "${text}")
  list(FILTER instructions EXCLUDE REGEX "\tnop|\tdata16|\txchg +%ax,%ax")
  list(LENGTH instructions count)
  if(status OR count EQUAL 0)
    message(SEND_ERROR "${function}: not found in ${OBJECT}")
  elseif("${instructions}" MATCHES "\tcall")
    message(SEND_ERROR "${function}: there is a call in the fast path:${text}")
  elseif("${instructions}" MATCHES "\tlock |\txchg [^\n;]*\\(|\t[mls]fence")
    message(SEND_ERROR "${function}: there is an atomic operation or a fence in the fast path:${text}")
  elseif(count GREATER most_instructions)
    message(SEND_ERROR "${function}: ${count} instructions, expected at most ${most_instructions}:${text}")
  else()
    message(STATUS "${function}: ${count} instructions, no call")
  endif()
endforeach()
