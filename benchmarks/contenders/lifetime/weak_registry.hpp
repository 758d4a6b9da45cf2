// Which objects were registered, by weak pointers: an object that is gone is not registered any more.
//
//   address ──► weak_ptr ──► control block │ alive? │
//
// Asked for an object, it compares addresses and then owners, never values: an object that equals a registered one
// is another one. Python's WeakSet hashes and compares what it refers to, and takes such an object for the other.
//
// Good for: objects that std::shared_ptr owns already, seldom asked for.
// Bad for:  anything hot: a hash, a node and a control block a question (see generation_tracker).
// Complexity: O(1); track amortised over the sweeps that drop what is gone.
// Bytes:    a node of 56, and the control block of each registered object for as long as it is registered.
// Threads:  one at a time.
#pragma once

#include "pools/description.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <unordered_map>

namespace poolmark {

class weak_registry {
public:
    static constexpr description about{"weak_registry", family::fresh,
                                       "weak pointers by address; what is gone is not registered any more"};

    void track(const std::shared_ptr<const void>& object) {
        if (entries_.size() >= sweep_at_) {
            sweep();
        }
        entries_.insert_or_assign(object.get(), object);
    }
    void forget(const std::shared_ptr<const void>& object) noexcept { entries_.erase(object.get()); }

    [[nodiscard]] bool is_tracked(const std::shared_ptr<const void>& object) const {
        const auto found = entries_.find(object.get());
        return found != entries_.end() && !object.owner_before(found->second) &&
               !found->second.owner_before(object);
    }

    // Drops the entries of objects that are gone.
    void sweep() {
        std::erase_if(entries_, [](const auto& entry) { return entry.second.expired(); });
        sweep_at_ = std::max<std::size_t>(64, entries_.size() * 2);
    }
    [[nodiscard]] std::size_t entries() const noexcept { return entries_.size(); }

private:
    std::unordered_map<const void*, std::weak_ptr<const void>> entries_;
    std::size_t sweep_at_ = 64;
};

} // namespace poolmark
