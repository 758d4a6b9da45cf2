// A subject is one contender at one point, built and ready: a pool with its objects, a layout with its records.
//
// The harness verifies it, then times it; both run the same data. A subject's memory stays warm between epochs,
// as it would in a program that has been running for a while. What else can be asked of one is an interface of its own:
// memory_measurable.hpp, per_operation.hpp.
#pragma once

#include <cstdint>

namespace poolmark::benchmarks {

class subject {
public:
    subject() = default;
    subject(const subject&) = delete;
    subject& operator=(const subject&) = delete;
    virtual ~subject() = default;

    // Does the work once, untimed, reading back what it wrote. Equal work gives an equal digest.
    [[nodiscard]] virtual std::uint64_t verify() = 0;

    // Brings what a longer run would find in the caches back into them: a rival has had the CPU. Untimed. Nothing to
    // do where one iteration touches everything anyway.
    virtual void warm() {}

    // Does `iterations` iterations of the work. This is the timed code: the call is virtual, the loop inside it is
    // not, so one indirect call is paid per epoch and none per operation.
    virtual void run(std::uint64_t iterations) = 0;

    // The epoch is over and a rival's turn comes: threads of the subject's own must not take its CPUs. Untimed.
    virtual void rest() {}

    // Whether its threads, or it and its server, outnumber the CPUs they have, so that one of them has to wait for another.
    // Such waiting is part of the result, where waiting for a stranger would be a disturbance.
    [[nodiscard]] virtual bool oversubscribed() const { return false; }

    // How many operations (acquire + initialise + release, a field read, ...) one iteration does.
    [[nodiscard]] virtual std::uint64_t operations_per_iteration() const = 0;
};

} // namespace poolmark::benchmarks
