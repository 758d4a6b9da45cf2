// Reference counts, and a collector for the circles that they leave behind: trial deletion (Bacon and Rajan, 2001).
//
//   ref ──► A ──► B ──► A      the last ref goes: A's count falls to 1, not 0, so A becomes a candidate
//
//   collect()   1. from each candidate, take back the counts that references inside give:  A 1 ─► 0   B 1 ─► 0
//               2. whatever still has a count is referred to from outside: give its counts back, and all it reaches
//               3. the rest is garbage: its references are emptied, then its destructors run, once each
//
// Only what lost a reference and lived on is ever looked at, where a collector that marks and sweeps looks at all
// that lives. A destructor that runs here finds the references of its object empty: what they named goes with it.
//
// Good for: graphs whose circles nobody can name, among much that lives long.
// Bad for:  objects that are passed around a lot and never part of a circle: each becomes a candidate again and again.
// Complexity: make and the counting O(1); collect O(what the candidates reach).
// Bytes:    16 an object, 8 a reference, and room for four addresses an object in tables that are touched only as deep
//           as they are used.
// Threads:  one at a time.
#pragma once

#include "pools/description.hpp"
#include "benchmarks/contenders/lifetime/collected_ref.hpp"
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
class collected_heap {
public:
    using ref = collected_ref<T>;
    static constexpr description about{"trial_deletion", family::pool,
                                       "reference counts, and trial deletion from what lost one and lived on"};
    static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

    // Collects by itself when more than `threshold` objects were made than have gone since the last time:
    // CPython's youngest generation takes 700 up to 3.12 and 2,000 from 3.13 on.
    explicit collected_heap(std::size_t threshold = 2000) noexcept : threshold_(threshold) {}
    collected_heap(const collected_heap&) = delete;
    collected_heap& operator=(const collected_heap&) = delete;
    ~collected_heap() {
        while (collect() != 0) { // a destructor may have left more
        }
    }

    // May collect first. Throws std::bad_alloc, and what the constructor throws; then no object was made.
    template <class... Args>
    [[nodiscard]] ref make(Args&&... args) {
        if (births_ >= threshold_) [[unlikely]] {
            collect();
        }
        if (live_ + dead_ == room_) [[unlikely]] {
            make_room();
        }
        void* const slot = nodes_.acquire();
        node* const made = ::new (slot) node(*this);
        try {
            ::new (static_cast<void*>(&made->storage)) T(std::forward<Args>(args)...);
        } catch (...) {
            nodes_.release(slot);
            throw;
        }
        ++births_;
        ++live_;
        return ref(made);
    }

    // One reference more to an object of this heap. Throws resurrection where that is being destroyed.
    [[nodiscard]] ref share(T& object) {
        node* const found = node::node_of(&object);
        if (found->has(header::condemned)) {
            throw resurrection(about.name, &object);
        }
        found->retain();
        return ref(found);
    }

    // Destroys the objects that only garbage refers to, and says how many. Inside a destructor it does nothing.
    std::size_t collect() noexcept {
        if (collecting_ || ending_) {
            return 0; // what is ending may be a candidate, and must not be given back under its destructor
        }
        collecting_ = true;
        births_ = 0;
        ++collections_;
        forget_the_dead();
        visit_all(candidates_, [this](header& each) { take_back_counts(each); });
        visit_all(candidates_, [this](header& each) { find_the_living(each); });
        visit_all(candidates_, [this](header& each) { condemn(each); });
        candidates_.clear();
        const std::size_t garbage = garbage_.size();
        visit_all(garbage_, [this](header& each) { end(each); });
        garbage_.clear();
        collecting_ = false;
        return garbage;
    }

    [[nodiscard]] std::size_t live() const noexcept { return live_; }
    [[nodiscard]] std::size_t candidates() const noexcept { return candidates_.size(); }
    [[nodiscard]] std::size_t collections() const noexcept { return collections_; }

private:
    friend class collected_ref<T>;

    using header = detail::collected_header<T>;
    using node = detail::collected_node<T>;

    static void release(header* object) noexcept {
        object->word -= header::one;
        if (object->word < header::one) {
            object->heap->count_fell_to_zero(*object);
        } else if (!object->has(header::buffered)) {
            object->set(header::buffered);
            object->heap->candidates_.push_back(object); // there is room for every object
        }
    }

    // One after another, however long the chain of objects that only have each other.
    void count_fell_to_zero(header& object) noexcept {
        object.set(header::condemned);
        dying_.push_back(&object);
        if (std::exchange(ending_, true)) {
            return; // called by a destructor: its object's end comes when that one's is over
        }
        while (!dying_.empty()) {
            header* const next = dying_.back();
            dying_.pop_back();
            end(*next);
        }
        ending_ = false;
    }

    // A candidate's slot is still on the list, so the next collection gives it back.
    void end(header& object) noexcept {
        std::destroy_at(node::object_of(&object));
        --live_;
        births_ -= births_ != 0;
        if (object.has(header::buffered)) {
            ++dead_;
        } else {
            nodes_.release(static_cast<node*>(&object));
        }
    }

    void forget_the_dead() noexcept {
        std::size_t kept = 0;
        for (header* const each : candidates_) {
            if (each->has(header::condemned)) {
                nodes_.release(static_cast<node*>(each));
                --dead_;
            } else {
                candidates_[kept++] = each;
            }
        }
        candidates_.resize(kept);
    }

    template <class Visit>
    static void for_each_target(header& from, Visit&& visit) {
        node::object_of(&from)->trace([&](ref& reference) {
            if (reference.object_ != nullptr) {
                visit(reference);
            }
        });
    }

    void take_back_counts(header& first) {
        if (first.has(header::grey)) {
            return;
        }
        first.set(header::grey);
        for (header* at = &first; at != nullptr; at = pop()) {
            for_each_target(*at, [&](ref& reference) {
                header& target = *reference.object_;
                target.word -= header::one;
                if (!target.has(header::grey)) {
                    target.set(header::grey);
                    stack_.push_back(&target);
                }
            });
        }
    }

    // Grey becomes white, or, with all that it reaches, neither.
    void find_the_living(header& first) {
        judge(first);
        while (header* const at = pop()) {
            at->unset(header::waiting);
            if (at->has(header::white)) {
                for_each_target(*at, [&](ref& reference) { judge(*reference.object_); });
            } else {
                for_each_target(*at, [&](ref& reference) {
                    reference.object_->word += header::one;
                    acquit(*reference.object_);
                });
            }
        }
    }

    void judge(header& object) {
        if (!object.has(header::grey) || object.has(header::white)) {
            return; // never suspected, or judged already
        }
        if (object.word >= header::one) {
            acquit(object);
        } else {
            object.set(header::white);
            wait(object);
        }
    }
    void acquit(header& object) {
        if (object.has(header::grey)) {
            object.unset(header::grey | header::white);
            wait(object);
        }
    }
    void wait(header& object) {
        if (!object.has(header::waiting)) {
            object.set(header::waiting);
            stack_.push_back(&object);
        }
    }

    // All that is white from here on is garbage. References between garbage were taken back already, those to the
    // living as well: emptying them changes no count.
    void condemn(header& first) {
        first.unset(header::buffered);
        if (!first.has(header::white)) {
            return;
        }
        std::size_t next = garbage_.size();
        mark_garbage(first);
        for (; next != garbage_.size(); ++next) {
            for_each_target(*garbage_[next], [&](ref& reference) {
                header& target = *std::exchange(reference.object_, nullptr);
                if (target.has(header::white)) {
                    mark_garbage(target);
                }
            });
        }
    }
    void mark_garbage(header& object) {
        object.word = header::condemned | (object.word & header::buffered);
        garbage_.push_back(&object);
    }

    [[nodiscard]] header* pop() noexcept {
        if (stack_.empty()) {
            return nullptr;
        }
        header* const top = stack_.back();
        stack_.pop_back();
        return top;
    }

    template <class Visit>
    static void visit_all(const std::vector<header*>& list, Visit&& visit) {
        constexpr std::size_t ahead = 8;
        for (std::size_t i = 0; i != list.size(); ++i) {
            if (i + ahead < list.size()) {
                __builtin_prefetch(list[i + ahead], 1);
            }
            visit(*list[i]);
        }
    }

    // Room for every object on every list, so that neither a release nor a collection needs memory.
    [[gnu::noinline, gnu::cold]] void make_room() {
        const std::size_t wanted = room_ == 0 ? 64 : room_ * 2;
        for (std::vector<header*>* const list : {&candidates_, &stack_, &garbage_, &dying_}) {
            list->reserve(wanted);
        }
        room_ = wanted;
    }

    std::size_t threshold_;
    std::size_t births_ = 0; // less the deaths, since the last collection
    std::size_t live_ = 0;
    std::size_t dead_ = 0; // objects that are gone, whose slots are on the list of candidates
    std::size_t room_ = 0;
    std::size_t collections_ = 0;
    bool collecting_ = false;
    bool ending_ = false;
    std::vector<header*> candidates_;
    std::vector<header*> stack_;
    std::vector<header*> garbage_;
    std::vector<header*> dying_;
    slab_pool<node> nodes_;
};

} // namespace poolmark
