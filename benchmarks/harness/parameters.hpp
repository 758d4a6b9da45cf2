// The parameters of one measured point: a short ordered list of name=value. Numbers stay numbers, so that charts
// can draw an axis from them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace poolmark::benchmarks {

class parameters {
public:
    using value = std::variant<std::int64_t, std::string>;
    using entry = std::pair<std::string, value>;

    parameters() = default;
    parameters(std::initializer_list<entry> entries) : entries_(entries) {}
    explicit parameters(std::vector<entry> entries) : entries_(std::move(entries)) {}

    [[nodiscard]] const std::vector<entry>& entries() const noexcept { return entries_; }

    // The number or the word called `name`. Throws std::out_of_range when there is none, std::bad_variant_access
    // when it is of the other kind. O(entries).
    [[nodiscard]] std::int64_t number(std::string_view name) const;
    [[nodiscard]] const std::string& word(std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const noexcept;

    // The same with another number called `name`. Throws std::out_of_range when there is none.
    [[nodiscard]] parameters with(std::string_view name, std::int64_t number) const;

    // "order=lifo,live=1000,bytes=64"
    [[nodiscard]] std::string text() const;

private:
    [[nodiscard]] const value& at(std::string_view name) const;

    std::vector<entry> entries_;
};

} // namespace poolmark::benchmarks
