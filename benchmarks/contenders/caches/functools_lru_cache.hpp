// functools.lru_cache of CPython, called through its C entry out of a libpython that is opened privately at run time.
//
//   call(key i) ──► PyObject_Vectorcall(wrapper, an int made beforehand) ──► hit: the value's object
//                                                                    └─► miss: a C function of ours, kept
//
// Good for: knowing what the best-known cache costs without the bytecode around it: keys are integers made beforehand,
//           hits give back the object and nobody unpacks it, the collector of cycles is off.
// Bad for:  what a Python program pays on top: scripts/suite/claims/probes/measure.py asks that.
// Complexity: as an LRU. Threads: the one that made the first; the interpreter is the process's only one.
#pragma once

#include "pools/description.hpp"
#include "pools/memory/sanitizers.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#ifndef POOLMARK_PYTHON_LIBRARY
#define POOLMARK_PYTHON_LIBRARY "" // none was found
#endif

namespace poolmark {

namespace detail {

// The little of the C API that is needed, by its stable names. No header of CPython's: the library is found at run time.
class cpython {
public:
    struct object {
        std::ptrdiff_t count;
    };
    struct method {
        const char* name;
        object* (*call)(object*, object*);
        int flags;
        const char* documentation;
    };
    static constexpr int one_argument = 8; // METH_O

    // Whether a library is there, without opening it: every process of a run asks, and few of them need it. Sanitizers
    // would watch an interpreter that is not ours.
    [[nodiscard]] static bool is_there() {
#if defined(POOLMARK_HAS_ASAN) || defined(POOLMARK_HAS_TSAN)
        return false;
#else
        return ::access(path(), R_OK) == 0;
#endif
    }

    // The process's one, started. Throws std::runtime_error, naming the package, where there is none.
    [[nodiscard]] static const cpython& get() {
        static const cpython only;
        return only;
    }

    object* (*vectorcall)(object*, object* const*, std::size_t, object*) = nullptr;
    object* (*from_number)(long long) = nullptr;
    long long (*to_number)(object*) = nullptr;
    object* (*make_function)(method*, object*, object*) = nullptr;
    object* (*attribute)(object*, const char*) = nullptr;
    void (*drop)(object*) = nullptr;

    // Py_DECREF of an object that somebody else holds as well, as compiled code does it where the version allows.
    void release(object* one) const noexcept {
        if (counts_inline_ && one->count > 1) {
            --one->count;
        } else {
            drop(one);
        }
    }
    // functools.lru_cache(maxsize=capacity)(function)
    [[nodiscard]] object* cached(object* function, std::size_t capacity) const {
        object* const made = call(attribute_of(import_("functools"), "lru_cache"), from_number(static_cast<long long>(capacity)));
        return call(made, function);
    }
    [[nodiscard]] object* call(object* function, object* argument) const { return checked(vectorcall(function, &argument, 1, nullptr)); }

    [[nodiscard]] object* checked(object* made) const {
        if (made == nullptr) {
            print_();
            throw std::runtime_error("poolmark: functools_lru_cache: the interpreter raised an exception (see above)");
        }
        return made;
    }

private:
    cpython() {
        if (library() == nullptr) {
            throw std::runtime_error("poolmark: functools_lru_cache needs libpython3 (apt install python3-dev)");
        }
        void (*start)(int) = nullptr;
        int (*run)(const char*, void*) = nullptr;
        const char* (*version)() = nullptr;
        find("Py_InitializeEx", start);
        find("PyRun_SimpleStringFlags", run);
        find("Py_GetVersion", version);
        find("PyObject_Vectorcall", vectorcall);
        find("PyLong_FromLongLong", from_number);
        find("PyLong_AsLongLong", to_number);
        find("PyCFunction_NewEx", make_function);
        find("PyObject_GetAttrString", attribute);
        find("PyImport_ImportModule", import_);
        find("Py_DecRef", drop);
        find("PyErr_Print", print_);
        start(0); // no signal handlers
        run("import gc; gc.collect(); gc.disable()", nullptr);
        // Until 3.11 a reference count is a plain number at the front; later ones have immortal objects.
        const std::string release = version();
        counts_inline_ = release.starts_with("3.9.") || release.starts_with("3.10.") || release.starts_with("3.11.");
    }

    [[nodiscard]] object* attribute_of(object* owner, const char* name) const { return checked(attribute(checked(owner), name)); }

    [[nodiscard]] static void* library() { // opened once, and never closed: its threads and handlers may stay
        static void* const handle = open();
        return handle;
    }

    // Another one than was found when this was built can be named.
    [[nodiscard]] static const char* path() {
        const char* const named = std::getenv("POOLMARK_LIBPYTHON");
        return named != nullptr ? named : POOLMARK_PYTHON_LIBRARY;
    }
    // Its modules look for its symbols among the global ones.
    [[nodiscard]] static void* open() { return ::dlopen(path(), RTLD_NOW | RTLD_GLOBAL); }

    template <class Function>
    static void find(const char* name, Function*& function) {
        function = reinterpret_cast<Function*>(::dlsym(library(), name));
        if (function == nullptr) {
            throw std::runtime_error("poolmark: functools_lru_cache: the library has no " + std::string(name));
        }
    }

    object* (*import_)(const char*) = nullptr;
    void (*print_)() = nullptr;
    bool counts_inline_ = false;
};

} // namespace detail

// One cached function over keys made beforehand: call(i) is what the function gives for keys[i].
class functools_lru_cache {
public:
    using number = std::uint64_t;

    // `compute` null: the value is the key's own object, and a miss costs nothing but the cache.
    template <class Keys>
    functools_lru_cache(std::size_t capacity, const Keys& keys, number (*compute)(number) = nullptr)
        : python_(&detail::cpython::get()) {
        body() = compute;
        function_ = python_->checked(python_->make_function(compute != nullptr ? &computes : &gives_back, nullptr, nullptr));
        wrapper_ = python_->cached(function_, capacity);
        for (const number key : keys) {
            keys_.push_back(python_->checked(python_->from_number(static_cast<long long>(key))));
        }
    }
    functools_lru_cache(const functools_lru_cache&) = delete;
    functools_lru_cache& operator=(const functools_lru_cache&) = delete;
    ~functools_lru_cache() { // the interpreter goes with the process; its objects are given back all the same
        for (object* const key : keys_) {
            python_->drop(key);
        }
        python_->drop(wrapper_);
        python_->drop(function_);
    }

    [[nodiscard]] static bool is_there() { return detail::cpython::is_there(); }

    void call(std::size_t at) const { python_->release(called(wrapper_, at)); }
    // The function behind it, without the cache: what the call alone costs.
    void call_uncached(std::size_t at) const { python_->release(called(function_, at)); }
    [[nodiscard]] number value(std::size_t at) const {
        object* const found = python_->checked(called(wrapper_, at));
        const auto read = static_cast<number>(python_->to_number(found));
        python_->release(found);
        return read;
    }
    void clear() const {
        object* const ask = python_->checked(python_->attribute(wrapper_, "cache_clear"));
        python_->drop(python_->checked(python_->vectorcall(ask, nullptr, 0, nullptr)));
        python_->drop(ask);
    }
    // What cache_info() says.
    [[nodiscard]] number hits() const { return cache_info("hits"); }
    [[nodiscard]] number misses() const { return cache_info("misses"); }

private:
    using object = detail::cpython::object;

    [[nodiscard]] object* called(object* function, std::size_t at) const {
        return python_->vectorcall(function, &keys_[at], 1, nullptr);
    }

    [[nodiscard]] number cache_info(const char* name) const {
        object* const ask = python_->checked(python_->attribute(wrapper_, "cache_info"));
        object* const info = python_->checked(python_->vectorcall(ask, nullptr, 0, nullptr));
        object* const count = python_->checked(python_->attribute(info, name));
        const auto read = static_cast<number>(python_->to_number(count));
        python_->drop(count);
        python_->drop(info);
        python_->drop(ask);
        return read;
    }

    static number (*&body())(number) {
        static number (*one)(number) = nullptr;
        return one;
    }
    static object* give_back(object* /*self*/, object* key) {
        ++key->count; // an int of more than one digit or beyond the small ones: no version has it immortal
        return key;
    }
    static object* computed(object* /*self*/, object* key) {
        const detail::cpython& python = detail::cpython::get();
        return python.from_number(static_cast<long long>(body()(static_cast<number>(python.to_number(key)))));
    }
    static inline detail::cpython::method gives_back{"give_back", &give_back, detail::cpython::one_argument, nullptr};
    static inline detail::cpython::method computes{"compute", &computed, detail::cpython::one_argument, nullptr};

    const detail::cpython* python_;
    object* function_ = nullptr;
    object* wrapper_ = nullptr;
    std::vector<object*> keys_;
};

inline constexpr description functools_lru_cache_about{
    .name = "functools_lru_cache",
    .kind = family::peer,
    .summary = "CPython's LRU, called through its C entry with integers made beforehand",
    .package = "python3-dev",
    .present = &functools_lru_cache::is_there};
inline constexpr description cpython_call_about{
    .name = "cpython_call",
    .kind = family::limit,
    .summary = "a C function called through CPython's C entry, with no cache: what the call alone costs",
    .package = "python3-dev",
    .present = &functools_lru_cache::is_there};

} // namespace poolmark
