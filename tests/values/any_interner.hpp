// Every way to intern behind virtual functions, so that a check is compiled once and not once for each.
#pragma once

#include "benchmarks/contenders/values/catalog.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace poolmark::tests {

// Handles are named by the order in which they were taken.
class any_interner {
public:
    any_interner() = default;
    any_interner(const any_interner&) = delete;
    any_interner& operator=(const any_interner&) = delete;
    virtual ~any_interner() = default;

    virtual std::size_t intern(std::string_view text) = 0;
    [[nodiscard]] virtual bool same(std::size_t one, std::size_t other) const = 0;
    [[nodiscard]] virtual std::string_view text(std::size_t handle) const = 0;
    virtual void drop(std::size_t handle) = 0;
    [[nodiscard]] virtual std::size_t size() const = 0;
};

template <class Table>
class erased_interner final : public any_interner {
public:
    explicit erased_interner(std::span<const std::string_view> known) : table_(made(known)) {}

    std::size_t intern(std::string_view text) override {
        handles_.push_back(table_->intern(text));
        return handles_.size() - 1;
    }
    [[nodiscard]] bool same(std::size_t one, std::size_t other) const override {
        return handles_[one] == handles_[other];
    }
    [[nodiscard]] std::string_view text(std::size_t handle) const override {
        return table_->text(handles_[handle]);
    }
    void drop(std::size_t handle) override {
        table_->drop(handles_[handle]);
        handles_[handle] = typename Table::handle{};
    }
    [[nodiscard]] std::size_t size() const override { return table_->size(); }

private:
    static std::unique_ptr<Table> made(std::span<const std::string_view> known) {
        if constexpr (Table::traits.frozen) {
            return std::make_unique<Table>(known);
        } else {
            return std::make_unique<Table>();
        }
    }

    std::unique_ptr<Table> table_;
    std::vector<typename Table::handle> handles_; // end before the table
};

struct interner_kind {
    description about;
    interning_traits traits;
    std::unique_ptr<any_interner> (*make)(std::span<const std::string_view> known);
};

[[nodiscard]] inline std::vector<interner_kind> every_interner() {
    std::vector<interner_kind> all;
    for_each_type(internings{}, [&]<class Table>(std::type_identity<Table>) {
        all.push_back({Table::about, Table::traits, [](std::span<const std::string_view> known) {
                           return std::unique_ptr<any_interner>(std::make_unique<erased_interner<Table>>(known));
                       }});
    });
    return all;
}

} // namespace poolmark::tests
