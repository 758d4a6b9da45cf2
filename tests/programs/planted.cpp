// A program with one call site of each shape. What should be advised for each is known: tests/scripts/test_program_advice.py.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <thread>
#include <vector>

struct ware { // a name for the linker: else debug information of -g1 has no arguments of templates
    unsigned char bytes[40];
};

namespace {

struct node {
    unsigned char bytes[40];
};
constexpr int count = 20'000;
unsigned sum = 0;
unsigned state = 1;

unsigned draw() { return state = state * 1664525U + 1013904223U, state >> 8U; }

template <class T>
T* used(T* object) { // the compiler may not leave an allocation out that nobody needs
    asm volatile("" : "+r"(object) : : "memory");
    return object;
}

[[gnu::noinline]] void one_at_a_time() {
    for (int i = 0; i < count; ++i) {
        node* const made = used(new node{});
        sum += made->bytes[0];
        delete used(made);
    }
}

[[gnu::noinline]] void ending_together() {
    for (int phase = 0; phase < 3; ++phase) {
        static node* all[count];
        for (node*& each : all) {
            each = used(new node{});
        }
        for (node* const each : all) {
            delete each;
        }
    }
}

[[gnu::noinline]] void in_any_order() {
    static node* all[500];
    for (int i = 0; i < count; ++i) {
        node*& each = all[draw() % 500];
        delete each;
        each = used(new node{});
    }
}

[[gnu::noinline]] void make_here(std::vector<node*>& all) {
    for (node*& each : all) {
        each = used(new node{});
    }
}

[[gnu::noinline]] void made_here_freed_there() {
    std::vector<node*> all(count);
    std::thread([&] { make_here(all); }).join();
    for (node* const each : all) {
        delete each;
    }
}

[[gnu::noinline]] void of_many_sizes() {
    static void* all[500];
    for (int i = 0; i < count; ++i) {
        void*& each = all[draw() % 500];
        std::free(each);
        const std::size_t bytes = 17 + draw() % 480;
        each = used(std::malloc(bytes));
        std::memset(each, 1, bytes);
    }
}

[[gnu::noinline]] void seldom() {
    for (int i = 0; i < 10; ++i) {
        delete used(new node{});
    }
}

// The library says for which type it allocates; of few, so that nothing is advised.
[[gnu::noinline]] void of_known_types() {
    std::map<int, ware> tree;
    std::list<ware> list;
    for (int i = 0; i < 5; ++i) {
        tree[i] = {};
        list.push_back({});
        const auto alone = std::make_unique<ware>();
        const auto shared = std::make_shared<ware>();
        used(alone.get());
        used(shared.get());
    }
}

} // namespace

int main() {
    one_at_a_time();
    ending_together();
    in_any_order();
    made_here_freed_there();
    of_many_sizes();
    seldom();
    of_known_types();
    std::printf("%u\n", sum);
}
