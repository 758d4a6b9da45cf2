// poolmark-cpython-peer: what CPython's mechanisms cost through its C API, as JSON on standard output.
//
// Each row is an operation of the interpreter's own allocator, tables and free lists, called from C++ and timed in
// rounds that visit every row in turn; the empty loop is a row and is subtracted from none. Time is the thread's own.
//
// Good for: the fair side of a comparison, since no bytecode runs around the operation.
// Bad for:  what a Python user sees; scripts/suite/claims/probes/measure.py asks that.
#include <Python.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace {

constexpr int rounds = 15;
constexpr int keys = 32;
constexpr long most_cycles = 1'000'000; // take seconds to make: seen in the first rounds only
constexpr int rounds_of_most = 3;
constexpr double round_ns = 500'000;

struct row {
    std::string name;
    std::function<void(long)> run;  // so many times
    std::function<void()> before{}; // untimed; what it makes is used up by one run
    long operations = 1;
    std::vector<double> samples{};
};

double now_ns() {
    std::timespec at{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &at);
    return static_cast<double>(at.tv_sec) * 1e9 + static_cast<double>(at.tv_nsec);
}

template <class T>
void keep(T* value) {
    asm volatile("" : : "g"(value) : "memory");
}

// A missing object means that this version lacks what a row asks for: the row is dropped by name, nothing crashes.
[[noreturn]] void fail(const char* what) {
    PyErr_Print();
    std::fprintf(stderr, "poolmark-cpython-peer: %s failed\n", what);
    std::exit(1);
}

PyObject* need(PyObject* object, const char* what) {
    if (object == nullptr) {
        fail(what);
    }
    return object;
}

template <class Make>
row object_row(std::string name, Make make) {
    return {std::move(name), [make](long count) {
                for (long i = 0; i < count; ++i) {
                    PyObject* const made = make();
                    keep(made);
                    Py_DECREF(made);
                }
            }};
}

row tuple_row(Py_ssize_t size) {
    return object_row("c_tuple_" + std::to_string(size), [size] { return PyTuple_New(size); });
}

row block_row(std::string name, void* (*take)(std::size_t), void (*give)(void*), std::size_t bytes) {
    return {std::move(name), [=](long count) {
                for (long i = 0; i < count; ++i) {
                    void* const block = take(bytes);
                    keep(block);
                    give(block);
                }
            }};
}

PyObject* evaluate(const char* source, PyObject* names) {
    return need(PyRun_String(source, Py_eval_input, names, names), source);
}

// Lookups of keys that lie in the table, by the very objects or by equal ones; all hashes are known beforehand.
row lookup_row(std::string name, bool same, std::size_t length) {
    PyObject* const table = need(PyDict_New(), "a dictionary");
    std::vector<PyObject*> asked;
    for (int i = 0; i < keys; ++i) {
        std::string letters = std::to_string(10'000'000 + i);
        letters.insert(0, length - letters.size(), 'k');
        PyObject* const key = need(PyUnicode_FromString(letters.c_str()), "a key");
        PyDict_SetItem(table, key, Py_None);
        asked.push_back(same ? key : need(PyUnicode_FromString(letters.c_str()), "a key"));
        PyObject_Hash(asked.back());
    }
    return {std::move(name), [=](long count) {
                for (long i = 0; i < count; ++i) {
                    keep(PyDict_GetItem(table, asked[static_cast<std::size_t>(i % keys)]));
                }
            }};
}

row intern_row(std::string name, bool intern) {
    return {std::move(name), [intern](long count) {
                for (long i = 0; i < count; ++i) {
                    PyObject* text = PyUnicode_FromString("a key of the log");
                    if (intern) {
                        PyUnicode_InternInPlace(&text);
                    }
                    keep(text);
                    Py_XDECREF(text);
                }
            }};
}

row call_row(std::string name, PyObject* function, PyObject* argument) {
    return object_row(std::move(name),
                      [=] { return need(PyObject_CallFunctionObjArgs(function, argument, nullptr), "a call"); });
}

PyObject* one_argument_call(PyObject* function, PyObject* argument) {
#if PY_VERSION_HEX >= 0x03090000
    return PyObject_CallOneArg(function, argument);
#else
    return PyObject_CallFunctionObjArgs(function, argument, nullptr);
#endif
}

// A cache of so many, or the function alone, called in turn with integers made beforehand: as many as the cache holds are
// hits, more of them are misses that each forget the key used longest ago.
row memo_row(std::string name, PyObject* names, const char* function, long keys_in_turn) {
    PyObject* const called = evaluate(function, names);
    std::vector<PyObject*> asked;
    for (long i = 0; i < keys_in_turn; ++i) {
        asked.push_back(need(PyLong_FromLong(1'000'000 + i * 7919), "a key")); // no small integer, no neighbour
    }
    return {std::move(name), [called, asked = std::move(asked)](long count) {
                std::size_t next = 0;
                for (long i = 0; i < count; ++i) {
                    PyObject* const found = need(one_argument_call(called, asked[next]), "a call");
                    keep(found);
                    Py_DECREF(found);
                    next = next + 1 == asked.size() ? 0 : next + 1;
                }
            }};
}

// Pairs of objects that hold each other, made beforehand; what is timed is the collection that frees them.
row cycles_row(std::string name, PyObject* names, const char* kind, long count) {
    PyObject* const make = evaluate(("lambda n: make_cycles(" + std::string(kind) + ", n)").c_str(), names);
    PyObject* const pairs = need(PyLong_FromLong(count), "a count");
    PyObject* const collect =
        evaluate("gc.collect", names); // PyGC_Collect() does nothing while the collector is off
    return {std::move(name),
            [=](long) { Py_DECREF(need(PyObject_CallFunctionObjArgs(collect, nullptr), "collecting")); },
            [=] { Py_DECREF(need(PyObject_CallFunctionObjArgs(make, pairs, nullptr), "making cycles")); }, count};
}

constexpr const char* definitions = R"(
import functools, gc, sys
class Node: pass
class SlotNode: __slots__ = ('other',)
def make_cycles(kind, count):
    for _ in range(count):
        one = kind(); two = kind()
        one.other = two; two.other = one
def square(x): return x * x
cached = functools.lru_cache(maxsize=100)(square)
gc.collect()
getattr(gc, 'freeze', gc.collect)()
gc.disable()
)";

std::vector<row> all_rows(PyObject* names) {
    PyObject* const four = need(PyLong_FromLong(4), "an integer");
    PyObject* const kept =
        evaluate("('a key of the log ' + str(1))[:-2]", names); // so that interning it is a hit
    PyObject* interned = kept;
    PyUnicode_InternInPlace(&interned);
    std::vector<row> rows;
    rows.push_back({"c_empty_loop", [names](long count) {
                        for (long i = 0; i < count; ++i) {
                            keep(names);
                        }
                    }});
    rows.push_back(object_row("c_int_cached", [] { return PyLong_FromLong(200); }));
    rows.push_back(object_row("c_int_fresh", [] { return PyLong_FromLong(1'000'000); }));
    rows.push_back(object_row("c_float", [] { return PyFloat_FromDouble(0.5); }));
    for (const Py_ssize_t size : {0, 1, 10, 19, 20, 21}) {
        rows.push_back(tuple_row(size));
    }
    rows.push_back(object_row("c_list", [] { return PyList_New(0); }));
    rows.push_back(object_row("c_dict", [] { return PyDict_New(); }));
    rows.push_back(object_row("c_set", [] { return PySet_New(nullptr); }));
    rows.push_back(block_row("c_obmalloc_56", PyObject_Malloc, PyObject_Free, 56));
    rows.push_back(block_row("c_obmalloc_600", PyObject_Malloc, PyObject_Free, 600));
    rows.push_back(block_row("c_malloc_56", std::malloc, std::free, 56));
    for (const std::size_t length : {16U, 1024U}) {
        rows.push_back(lookup_row("c_lookup_same_" + std::to_string(length), true, length));
        rows.push_back(lookup_row("c_lookup_equal_" + std::to_string(length), false, length));
    }
    rows.push_back(intern_row("c_string", false));
    rows.push_back(intern_row("c_string_interned", true));
    rows.push_back(call_row("c_square_call", evaluate("square", names), four));
    rows.push_back(call_row("c_lru_hit", evaluate("cached", names), four));
    rows.push_back(memo_row("c_empty_call", names, "abs", 1000));
    rows.push_back(memo_row("c_lru_hit_1000", names, "functools.lru_cache(maxsize=1000)(abs)", 1000));
    rows.push_back(memo_row("c_lru_miss_evict_1000", names, "functools.lru_cache(maxsize=1000)(abs)", 8000));
    rows.push_back(cycles_row("c_collect_cycles_dict", names, "Node", 10'000));
    rows.push_back(cycles_row("c_collect_cycles_slots", names, "SlotNode", 10'000));
    rows.push_back(cycles_row("c_collect_million_cycles_dict", names, "Node", most_cycles));
    rows.push_back(cycles_row("c_collect_million_cycles_slots", names, "SlotNode", most_cycles));
    return rows;
}

// One round of a row: nanoseconds for one operation.
double timed(const row& each, long count) {
    if (each.before) {
        each.before();
        count = 1;
    }
    const double begin = now_ns();
    each.run(count);
    return (now_ns() - begin) / static_cast<double>(count * each.operations);
}

void measure(std::vector<row>& rows) {
    std::vector<long> counts;
    for (const row& each : rows) {
        const double first = each.before ? round_ns : timed(each, 1000);
        counts.push_back(std::clamp(static_cast<long>(round_ns / std::max(first, 0.1)), 10L, 10'000'000L));
    }
    for (int i = 0; i < rounds; ++i) {
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (rows[k].operations < most_cycles || i < rounds_of_most) {
                rows[k].samples.push_back(timed(rows[k], counts[k]));
            }
        }
    }
}

void print(std::vector<row>& rows) {
    std::printf("{\"schema\": 1, \"python\": {\"level\": \"c api\", \"implementation\": \"CPython\", "
                "\"version\": \"%s\"},\n "
                "\"facts\": {}, \"times\": {",
                std::string(Py_GetVersion()).substr(0, std::string(Py_GetVersion()).find(' ')).c_str());
    const char* between = "";
    for (row& each : rows) {
        const std::size_t middle = each.samples.size() / 2;
        std::ranges::sort(each.samples);
        std::printf("%s\n  \"%s\": {\"samples\": [%.4f]}", between, each.name.c_str(),
                    std::max(each.samples[middle], 1e-4));
        between = ",";
    }
    std::printf("}}\n");
}

} // namespace

int main() {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyConfig_SetBytesString(&config, &config.program_name, POOLMARK_PYTHON); // whose standard library this is
    const PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status) != 0) {
        std::fprintf(stderr, "poolmark-cpython-peer: libpython does not start: %s\n", status.err_msg);
        return 1;
    }
    PyObject* const names = PyModule_GetDict(PyImport_AddModule("__main__"));
    Py_DECREF(need(PyRun_String(definitions, Py_file_input, names, names), "the definitions"));
    std::vector<row> rows = all_rows(names);
    measure(rows);
    print(rows);
    std::fflush(stdout);
    return Py_FinalizeEx() == 0 ? 0 : 1;
}
