// A type of your own as a workload. Copy this file, put your type in, and run
//
//     scripts/poolmark run --own my_type.hpp
//
// The constructor with a number makes the n-th object; digest() says what it holds, which proves that every pool was given
// the same work and lost nothing of it. Constructors and destructors really run, so the string below takes what it needs
// from the heap that is compared.
#pragma once

#include "benchmarks/own_objects.hpp"

#include <cstdint>
#include <string>

struct order {
    explicit order(std::uint64_t number)
        : id(number), price(0.25 * static_cast<double>(number % 1000)), customer("customer number " + std::to_string(number)) {}

    [[nodiscard]] std::uint64_t digest() const { return id * 31 + customer.size() + static_cast<std::uint64_t>(4 * price); }

    std::uint64_t id;
    double price;
    std::string customer;
};

inline const poolmark::benchmarks::own_workload<order> orders{
    {.name = "orders", .live = {1'000, 100'000}, .pattern = poolmark::benchmarks::lifetime::random}};
