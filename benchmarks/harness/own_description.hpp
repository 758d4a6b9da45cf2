// How a type of the reader's own becomes a workload: what needs neither its type nor a pool.
#pragma once

#include "benchmarks/harness/workload.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks::detail {

[[nodiscard]] std::uint64_t digest_of_bytes(const void* object, std::size_t bytes) noexcept;

// The workload of these words; what cannot be one is a line on
// standard error and exit code 2, since this runs before main.
[[nodiscard]] workload describe_own(std::string_view name, const std::vector<std::int64_t>& live,
                                    std::string_view pattern, std::size_t bytes,
                                    std::vector<strategy>&& strategies);

} // namespace poolmark::benchmarks::detail
