// What this program says to the driver: one JSON object a line. docs/protocol.md is the specification.
#pragma once

#include "allocators/proof.hpp"

#include <nlohmann/json.hpp>

namespace poolmark::benchmarks {

using json = nlohmann::ordered_json;

[[nodiscard]] json as_json(const allocators::proof& heap);

// Writes the line and sends it off.
void say(const json& line);

} // namespace poolmark::benchmarks
