// Objects that live while a root reaches them: no counts, plain pointers between them, mark and sweep.
//
//   root ──► A ──► B       collect()   1. mark what the roots reach: A B
//            C ◄─► D                   2. condemn the rest: C D; their destructors run, once each
//
// All that lives is looked at in each collection, and nothing
// between two of them: a pointer costs what a pointer costs.
//
// Good for: much garbage and little that lives; graphs that are rewired all the time.
// Bad for:  much that lives and little garbage (see collected_heap); destructors that have to run soon.
// Complexity: make O(1) amortised; collect O(all objects). Bytes: 8 an object, and room for two addresses each.
// Threads:  one at a time.
#pragma once

#include "pools/description.hpp"
#include "pools/memory/align.hpp"
#include "benchmarks/contenders/lifetime/resurrection.hpp"
#include "pools/slab_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace poolmark {

template <class T>
class traced_heap;

// A variable that keeps an object of a traced_heap<T> alive, and all that it reaches. It stands on the heap's
// list of roots, and must go before the heap.
template <class T>
class traced_root {
public:
    // Throws resurrection where the object is being destroyed.
    traced_root(traced_heap<T>& heap, T* object) : heap_(&heap), object_(object) {
        heap.refuse_condemned(object);
        enlist();
    }
    traced_root(const traced_root& other) noexcept : heap_(other.heap_), object_(other.object_) { enlist(); }
    traced_root& operator=(const traced_root& other) noexcept { // which keeps its place on a list
        if (heap_ != other.heap_) {
            leave();
            heap_ = other.heap_;
            enlist();
        }
        object_ = other.object_;
        return *this;
    }
    ~traced_root() { leave(); }

    void reset() noexcept { object_ = nullptr; }
    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }

private:
    friend class traced_heap<T>;

    void enlist() noexcept {
        next_ = std::exchange(heap_->roots_, this);
        previous_ = nullptr;
        if (next_ != nullptr) {
            next_->previous_ = this;
        }
    }
    void leave() noexcept {
        (previous_ != nullptr ? previous_->next_ : heap_->roots_) = next_;
        if (next_ != nullptr) {
            next_->previous_ = previous_;
        }
    }

    traced_heap<T>* heap_;
    T* object_;
    traced_root* next_ = nullptr;
    traced_root* previous_ = nullptr;
};

// T shows the pointers that it has to objects of the same heap, null or not:
//
//   template <class Visit> void trace(Visit&& visit) { visit(left); visit(right); }
//
// An object that only an unshown pointer names is destroyed. A destructor must not follow its pointers: in a
// collection, what they name may have been destroyed before.
template <class T>
class traced_heap {
public:
    using root = traced_root<T>;
    static constexpr description about{"mark_sweep", family::pool,
                                       "no counts: what registered roots do not reach is swept away"};
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    // Collects by itself when `threshold` objects were made since the last time.
    explicit traced_heap(std::size_t threshold = 2000) noexcept : threshold_(threshold) {}
    traced_heap(const traced_heap&) = delete;
    traced_heap& operator=(const traced_heap&) = delete;
    ~traced_heap() { // whatever is left, reached or not
        for (node* const each : all_) {
            each->state = verdict::condemned;
        }
        collecting_ = true;
        for (std::size_t i = 0; i != all_.size(); ++i) { // a destructor may make more
            std::destroy_at(object_of(all_[i]));
        }
    }

    // An object and its first root. May collect first: what is to survive has a root or is reached from one.
    // Throws std::bad_alloc, and what the constructor throws; then no object was made.
    template <class... Args>
    [[nodiscard]] root make(Args&&... args) {
        if (births_ >= threshold_ && !collecting_) [[unlikely]] {
            collect();
        }
        if (all_.size() == all_.capacity()) [[unlikely]] {
            make_room();
        }
        void* const slot = nodes_.acquire();
        node* const made = ::new (slot) node;
        try {
            ::new (static_cast<void*>(&made->storage)) T(std::forward<Args>(args)...);
        } catch (...) {
            nodes_.release(slot);
            throw;
        }
        all_.push_back(made);
        ++births_;
        return root(*this, object_of(made));
    }

    // Destroys what no root reaches, and says how many. Inside a destructor it does nothing.
    std::size_t collect() noexcept {
        if (std::exchange(collecting_, true)) {
            return 0;
        }
        births_ = 0;
        ++collections_;
        for (const root* each = roots_; each != nullptr; each = each->next_) {
            mark_from(each->object_);
        }
        const std::size_t garbage = sweep();
        collecting_ = false;
        return garbage;
    }

    [[nodiscard]] std::size_t live() const noexcept { return all_.size(); }
    [[nodiscard]] std::size_t collections() const noexcept { return collections_; }

private:
    friend class traced_root<T>;

    enum class verdict : std::uint64_t { none, reached, condemned };
    struct node {
        verdict state = verdict::none;
        alignas(T) std::byte storage[sizeof(T)];
    };

    [[nodiscard]] static T* object_of(node* of) noexcept {
        return std::launder(reinterpret_cast<T*>(&of->storage));
    }
    [[nodiscard]] static node* node_of(T* of) noexcept {
        return reinterpret_cast<node*>(reinterpret_cast<std::byte*>(of) - offsetof(node, storage));
    }

    static void refuse_condemned(T* object) {
        if (object != nullptr && node_of(object)->state == verdict::condemned) {
            throw resurrection(about.name, object);
        }
    }

    void mark_from(T* first) {
        mark(first);
        while (!stack_.empty()) {
            node* const at = stack_.back();
            stack_.pop_back();
            object_of(at)->trace([&](T* target) { mark(target); });
        }
    }
    void mark(T* object) {
        if (object != nullptr && node_of(object)->state == verdict::none) {
            node_of(object)->state = verdict::reached;
            stack_.push_back(node_of(object)); // there is room for every object
        }
    }

    // The marked ones move to the front; the others are all condemned before the first destructor runs.
    [[nodiscard]] std::size_t sweep() noexcept {
        std::size_t kept = 0;
        for (std::size_t i = 0; i != all_.size(); ++i) {
            node* const each = all_[i];
            const bool lives = each->state == verdict::reached;
            each->state = lives ? verdict::none : verdict::condemned;
            if (lives) {
                std::swap(all_[kept++], all_[i]);
            }
        }
        const std::size_t garbage = all_.size() - kept;
        stack_.assign(all_.begin() + static_cast<std::ptrdiff_t>(kept), all_.end());
        all_.resize(kept);
        for (std::size_t i = 0; i != stack_.size(); ++i) { // a destructor that makes an object may move it
            std::destroy_at(object_of(stack_[i]));
        }
        for (node* const each :
             stack_) { // not before: a destructor may ask for a root to any of them, to be refused
            nodes_.release(each);
        }
        stack_.clear();
        return garbage;
    }

    [[gnu::noinline, gnu::cold]] void make_room() {
        const std::size_t wanted = all_.capacity() == 0 ? 64 : all_.capacity() * 2;
        stack_.reserve(wanted); // first: when it throws, nothing has changed
        all_.reserve(wanted);
    }

    std::size_t threshold_;
    std::size_t births_ = 0;
    std::size_t collections_ = 0;
    bool collecting_ = false;
    root* roots_ = nullptr;
    std::vector<node*> all_;
    std::vector<node*> stack_;
    slab_pool<node> nodes_;
};

} // namespace poolmark
