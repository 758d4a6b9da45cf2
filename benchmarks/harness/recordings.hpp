// The recording of a program that the reader brought with --recording=FILE.ops or POOLMARK_RECORDING.
#pragma once

#include "benchmarks/harness/replay/ops_file.hpp"

#include <string>

namespace poolmark::benchmarks {

// Maps and checks the file, and asks the workload `recorded` about it. Throws replaying::bad_ops.
void bring_recording(const std::string& file);

// Throws std::out_of_range where none was brought under this name.
[[nodiscard]] const replaying::ops_file& recording(const std::string& name);

} // namespace poolmark::benchmarks
