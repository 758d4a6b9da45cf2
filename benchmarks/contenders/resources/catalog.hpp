// The ways to get storage of many sizes: which resource, and whether its type is known or a base pointer stands
// between. What workloads over containers and memory resources compare.
//
//   new_delete_resource     container ──virtual──► operator new            the baseline
//   pool_resource           container ──inlined──► size_class_pool
//   pool_resource_virtual   container ──virtual──► size_class_pool
//   std_pmr_pool            container ──virtual──► the standard library's pool
//   boost_pmr_pool          container ──virtual──► Boost's, where this build has it
//
// A way has an `about`, allocate(bytes, alignment), deallocate(block, bytes, alignment), and allocator<T>() for a
// container. Behind a base pointer, the compiler is kept from seeing what it points to, as it would be in a program.
#pragma once

#include "pools/adaptors/pool_allocator.hpp"
#include "pools/adaptors/pool_resource.hpp"
#include "pools/description.hpp"
#include "benchmarks/contenders/type_list.hpp"

#include <cstddef>
#include <memory_resource>

#ifdef POOLMARK_HAS_BOOST_CONTAINER
#include <boost/container/pmr/polymorphic_allocator.hpp>
#include <boost/container/pmr/unsynchronized_pool_resource.hpp>
#endif

namespace poolmark {

inline constexpr description new_delete_resource_about{
    "new_delete_resource", family::fresh,
    "operator new behind std::pmr::memory_resource, called through the base"};
inline constexpr description pool_resource_virtual_about{
    "pool_resource_virtual", family::free_list,
    "size classes behind std::pmr::memory_resource, called through the base"};

namespace detail {

// Through a base pointer; Base has the virtual functions, Allocator<T> takes a Base*.
template <class Base, template <class> class Allocator>
class adapter_by_base {
public:
    explicit adapter_by_base(Base* base) noexcept : base_(base) { asm volatile("" : "+r"(base_)); }

    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
        return base_->allocate(bytes, alignment);
    }
    void deallocate(void* block, std::size_t bytes, std::size_t alignment) {
        base_->deallocate(block, bytes, alignment);
    }
    template <class T>
    [[nodiscard]] Allocator<T> allocator() const noexcept {
        return Allocator<T>(base_);
    }

private:
    Base* base_;
};

template <class T>
using std_polymorphic = std::pmr::polymorphic_allocator<T>; // whose own parameter has a default

using std_adapter = adapter_by_base<std::pmr::memory_resource, std_polymorphic>;

} // namespace detail

struct new_delete_adapter : detail::std_adapter {
    static constexpr const description& about = new_delete_resource_about;
    new_delete_adapter() noexcept : detail::std_adapter(std::pmr::new_delete_resource()) {}
};

class pool_resource_adapter {
public:
    static constexpr const description& about = pool_resource::about;

    [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) {
        return resource_.allocate(bytes, alignment);
    }
    void deallocate(void* block, std::size_t bytes, std::size_t alignment) {
        resource_.deallocate(block, bytes, alignment);
    }
    template <class T>
    [[nodiscard]] pool_allocator<T> allocator() noexcept {
        return pool_allocator<T>(resource_);
    }

private:
    pool_resource resource_;
};

namespace detail {
template <class Resource>
struct holds { // a base, so that it is there before the way is
    Resource resource;
};
} // namespace detail

struct pool_resource_virtual_adapter : detail::holds<pool_resource>, detail::std_adapter {
    static constexpr const description& about = pool_resource_virtual_about;
    pool_resource_virtual_adapter() : detail::std_adapter(&resource) {}
};

// Named like the pools over the same resources. Default options and operator new as upstream, as programs have them.
struct std_pool_adapter : detail::holds<std::pmr::unsynchronized_pool_resource>, detail::std_adapter {
    static constexpr description about{"std_pmr_pool", family::peer,
                                       "std::pmr::unsynchronized_pool_resource, called through the base"};
    std_pool_adapter() : detail::std_adapter(&resource) {}
};

#ifdef POOLMARK_HAS_BOOST_CONTAINER
namespace detail {
template <class T>
using boost_polymorphic = boost::container::pmr::polymorphic_allocator<T>;
} // namespace detail

struct boost_pool_adapter : detail::holds<boost::container::pmr::unsynchronized_pool_resource>,
                        detail::adapter_by_base<boost::container::pmr::memory_resource, detail::boost_polymorphic> {
    static constexpr description about{"boost_pmr_pool", family::peer,
                                       "boost::container::pmr::unsynchronized_pool_resource, through the base"};
    boost_pool_adapter() : adapter_by_base(&resource) {}
};
using peer_resource_adapters = type_list<std_pool_adapter, boost_pool_adapter>;
#else
using peer_resource_adapters = type_list<std_pool_adapter>;
#endif

// The first is the baseline.
using resource_adapters = append_t<type_list<new_delete_adapter, pool_resource_adapter, pool_resource_virtual_adapter>, peer_resource_adapters>;

} // namespace poolmark
