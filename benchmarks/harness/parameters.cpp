#include "benchmarks/harness/parameters.hpp"

#include <algorithm>
#include <stdexcept>

namespace poolmark::benchmarks {

const parameters::value& parameters::at(std::string_view name) const {
    const auto found = std::ranges::find(entries_, name, &entry::first);
    if (found == entries_.end()) {
        throw std::out_of_range("no parameter called " + std::string(name));
    }
    return found->second;
}

std::int64_t parameters::number(std::string_view name) const { return std::get<std::int64_t>(at(name)); }

const std::string& parameters::word(std::string_view name) const { return std::get<std::string>(at(name)); }

bool parameters::has(std::string_view name) const noexcept {
    return std::ranges::find(entries_, name, &entry::first) != entries_.end();
}

parameters parameters::with(std::string_view name, std::int64_t number) const {
    static_cast<void>(at(name));
    parameters changed = *this;
    std::ranges::find(changed.entries_, name, &entry::first)->second = number;
    return changed;
}

std::string parameters::text() const {
    std::string all;
    for (const auto& [name, held] : entries_) {
        all += (all.empty() ? "" : ",") + name + "=";
        all += std::holds_alternative<std::string>(held) ? std::get<std::string>(held)
                                                         : std::to_string(std::get<std::int64_t>(held));
    }
    return all;
}

} // namespace poolmark::benchmarks
