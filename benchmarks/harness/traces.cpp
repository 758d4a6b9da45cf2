#include "benchmarks/harness/traces.hpp"

#include "benchmarks/harness/digest.hpp"
#include "benchmarks/harness/workload.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <istream>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace poolmark::benchmarks {
namespace {

constexpr std::size_t longest_key = 256;
constexpr std::uint64_t largest_value = std::uint64_t{1} << 40U;
constexpr std::size_t most_accesses = std::size_t{1} << 28U;
constexpr std::size_t most_keys = std::size_t{1} << 30U; // as many as scattered_key() tells apart

struct brought_trace {
    trace accesses;
    std::size_t keys = 0;
    std::string name;
};

brought_trace& brought() {
    static brought_trace one;
    return one;
}

[[noreturn]] void refuse(const std::string& name, std::size_t line, const std::string& why) {
    throw bad_trace(name + ":" + std::to_string(line) + ": " + why);
}

// One access of the file: a key, and the bytes of its value where the line has them.
struct entry {
    std::string_view key;
    std::optional<std::uint64_t> bytes;
};

// What a terminal and a log take, whatever is in the file.
std::string shown(std::string_view text) {
    std::string safe(text);
    std::ranges::replace_if(safe, [](unsigned char letter) { return letter >= 0x7f; }, '?');
    return safe;
}

entry parse(std::string_view text, const std::string& name, std::size_t line) {
    if (!text.empty() && text.back() == '\r') {
        refuse(name, line, "ends with a carriage return; write lines that end with \\n alone");
    }
    if (line == 1 && text.starts_with("\xef\xbb\xbf")) {
        refuse(name, line, "begins with a byte order mark, which would be part of the key; write the file without");
    }
    if (std::ranges::any_of(text, [](unsigned char letter) { return (letter < ' ' && letter != '\t') || letter == 0x7f; })) {
        refuse(name, line, "has a byte that is no letter; write text, one key a line");
    }
    const std::size_t blank = text.find_first_of(" \t");
    const entry found{text.substr(0, blank), std::nullopt};
    if (found.key.empty()) {
        refuse(name, line, "has no key; write one key a line, its size after a blank if you like");
    }
    if (found.key.size() > longest_key) {
        refuse(name, line, "its key has more than " + std::to_string(longest_key) + " letters; shorten or hash it");
    }
    if (blank == std::string_view::npos) {
        return found;
    }
    const std::string_view number = text.substr(blank + 1);
    std::uint64_t bytes = 0;
    const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), bytes);
    if (failure != std::errc{} || end != number.data() + number.size() || bytes == 0 || bytes > largest_value) {
        refuse(name, line, "'" + shown(number.substr(0, 40)) + "' is no size; write a number from 1 to " +
                               std::to_string(largest_value) + " after the key, or nothing");
    }
    return {found.key, bytes};
}

} // namespace

zipf_law::zipf_law(std::size_t ranks, double skew) : up_to_(ranks), guide_(ranks + 1) {
    if (ranks == 0 || ranks > most_keys || !(skew >= 0)) {
        throw std::invalid_argument("Zipf's law wants from 1 to 2^30 ranks and a skew of 0 or more");
    }
    double sum = 0;
    for (std::size_t rank = 0; rank != ranks; ++rank) {
        sum += std::pow(static_cast<double>(rank + 1), -skew);
        up_to_[rank] = sum;
    }
    std::size_t rank = 0;
    for (std::size_t part = 0; part <= ranks; ++part) {
        while (rank + 1 < ranks && up_to_[rank] <= sum * static_cast<double>(part) / static_cast<double>(ranks)) {
            ++rank;
        }
        guide_[part] = static_cast<std::uint32_t>(rank);
    }
}

std::size_t zipf_law::draw(random_source& chance) const noexcept {
    const double at = static_cast<double>(chance.next() >> 11U) * 0x1p-53; // in [0, 1)
    const double wanted = at * up_to_.back();
    std::size_t rank = guide_[static_cast<std::size_t>(at * static_cast<double>(up_to_.size()))];
    while (rank != 0 && up_to_[rank - 1] > wanted) {
        --rank; // what rounding may have put one too far
    }
    while (up_to_[rank] <= wanted && rank + 1 != up_to_.size()) {
        ++rank;
    }
    return rank;
}

double zipf_law::share(std::size_t rank) const noexcept {
    return (up_to_[rank] - (rank == 0 ? 0.0 : up_to_[rank - 1])) / up_to_.back();
}

trace zipf_trace(std::size_t keys, double skew, std::size_t accesses, std::uint64_t seed) {
    const zipf_law law(keys, skew);
    random_source chance(seed);
    trace made{.keys = table<std::uint64_t>(accesses)};
    std::ranges::generate(made.keys, [&] { return scattered_key(law.draw(chance)); });
    return made;
}

trace loop_trace(std::size_t keys, std::size_t accesses) {
    trace made{.keys = table<std::uint64_t>(accesses)};
    std::size_t next = 0;
    std::ranges::generate(made.keys, [&] {
        const std::size_t now = next;
        next = next + 1 == keys ? 0 : next + 1;
        return scattered_key(now);
    });
    return made;
}

trace mixed_trace(std::size_t keys, double skew, std::size_t accesses, std::uint64_t seed) {
    const zipf_law law(keys, skew);
    random_source chance(seed);
    trace made{.keys = table<std::uint64_t>(accesses)};
    std::size_t scanned = 0;
    for (std::size_t i = 0; i != accesses; ++i) {
        const bool by_law = i % mix_period < mix_period / 4 * 3;
        made.keys[i] = scattered_key(by_law ? law.draw(chance) : keys + scanned++ % keys);
    }
    return made;
}

trace read_trace(std::istream& lines, const std::string& name) {
    trace made;
    std::unordered_map<std::string, std::uint64_t> known;
    std::size_t count = 0;
    for (std::string text; std::getline(lines, text);) {
        if (++count > most_accesses) {
            refuse(name, count, "a trace has at most " + std::to_string(most_accesses) + " lines; cut it there");
        }
        const entry found = parse(text, name, count);
        if (count > 1 && found.bytes.has_value() == made.bytes.empty()) {
            refuse(name, count, made.bytes.empty() ? "has a size and the first line has none; give all of them or none"
                                                   : "has no size and the first line has one; give all of them or none");
        }
        made.keys.push_back(scattered_key(known.try_emplace(std::string(found.key), known.size()).first->second));
        if (found.bytes) {
            made.bytes.push_back(*found.bytes);
        }
    }
    if (lines.bad() || count == 0) {
        refuse(name, count + 1, lines.bad() ? "it cannot be read from here on" : "there is no line in it; write one key a line");
    }
    return made;
}

void bring_trace(const std::string& file) {
    std::ifstream lines(file, std::ios::binary);
    if (!lines) {
        throw bad_trace("--trace: cannot read '" + file + "': name a file with one key a line");
    }
    brought_trace& ours = brought();
    ours.accesses = read_trace(lines, file);
    table<std::uint64_t> sorted = ours.accesses.keys;
    std::ranges::sort(sorted);
    ours.keys = static_cast<std::size_t>(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
    digest seen;
    std::ranges::for_each(ours.accesses.keys, [&](std::uint64_t key) { seen.add(key); });
    std::ranges::for_each(ours.accesses.bytes, [&](std::uint64_t bytes) { seen.add(bytes); });
    std::array<char, 16> name{}; // two traces are two questions: their cells must not share a name
    std::snprintf(name.data(), name.size(), "own-%08x", static_cast<unsigned>(seen.value() & 0xffffffffU));
    ours.name = name.data();
    std::vector<point> more;
    for (const std::size_t share : {100U, 10U}) {
        const std::size_t capacity = std::max<std::size_t>(1, ours.keys / share);
        point at{.where = {{"trace", ours.name},
                           {"keys", static_cast<std::int64_t>(ours.keys)},
                           {"capacity", static_cast<std::int64_t>(capacity)}},
                 .every_allocator_from = preset::full};
        if (more.empty() || more.back().where.text() != at.where.text()) {
            more.push_back(std::move(at));
        }
    }
    ask_also("trace", more);
}

const trace& own_trace() { return brought().accesses; }

trace make_trace(const parameters& where, std::size_t accesses) {
    const std::string& name = where.word("trace");
    const auto keys = static_cast<std::size_t>(where.number("keys"));
    const auto skew = [&] { return static_cast<double>(where.number("skew_percent")) / 100; };
    if (name == "zipf") {
        return zipf_trace(keys, skew(), accesses);
    }
    if (name == "mixed") {
        return mixed_trace(keys, skew(), accesses);
    }
    if (name == "loop" || name == "scan") {
        return loop_trace(keys, accesses);
    }
    if (!brought().name.empty() && name == brought().name) {
        return own_trace();
    }
    throw std::out_of_range("no trace is called '" + name + "'; one of your own comes with --trace=FILE");
}

} // namespace poolmark::benchmarks
