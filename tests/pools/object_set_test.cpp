// Objects in a pool that knows them: survivors are destroyed with it, and clear() and visits see each one once.
#include "pools/storage/object_set.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace poolmark::tests {
namespace {

struct counted {
    static inline int live = 0;
    int value;
    explicit counted(int with) : value(with) {
        if (with < 0) {
            throw std::invalid_argument("told to");
        }
        ++live;
    }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { --live; }
};

TEST(object_set, destroys_those_that_are_left_when_it_ends) {
    {
        object_set<counted> objects;
        std::vector<counted*> made;
        for (int i = 0; i != 5000; ++i) {
            made.push_back(objects.create(i));
        }
        for (std::size_t i = 0; i < made.size(); i += 3) {
            objects.destroy(made[i]);
        }
        EXPECT_EQ(counted::live, static_cast<int>(objects.size()));
        EXPECT_EQ(counted::live, 3333);
    }
    EXPECT_EQ(counted::live, 0);
}

TEST(object_set, forgets_an_object_whose_constructor_throws) {
    object_set<counted> objects;
    counted* const first = objects.create(1);
    EXPECT_THROW(static_cast<void>(objects.create(-1)), std::invalid_argument);
    EXPECT_EQ(objects.size(), 1u);
    counted* const second = objects.create(2);
    EXPECT_NE(first, second);
    objects.clear();
    EXPECT_EQ(counted::live, 0);
    EXPECT_EQ(objects.size(), 0u);
}

TEST(object_set, runs_no_destructor_where_there_is_no_object) {
    object_set<counted> objects;
    counted* const one = objects.create(1);
    objects.destroy(one);
    EXPECT_THROW(objects.destroy(one), double_release);
    EXPECT_THROW(objects.destroy(nullptr), foreign_pointer);
    EXPECT_EQ(counted::live, 0) << "a second destructor call would have made it -1";
}

TEST(object_set, destroys_in_a_visit) {
    object_set<counted> objects;
    for (int i = 0; i != 1000; ++i) {
        static_cast<void>(objects.create(i));
    }
    objects.for_each_live([&](counted& one) {
        if (one.value % 2 == 0) {
            objects.destroy(&one);
        }
    });
    EXPECT_EQ(objects.size(), 500u);
    int sum = 0;
    objects.for_each_live([&](counted& one) { sum += one.value % 2; });
    EXPECT_EQ(sum, 500);
}

// A parent destroys its child, in the same pool, while the pool destroys everything.
struct parent {
    object_set<parent>* home;
    parent* child;
    static inline int destroyed = 0;
    parent(object_set<parent>* in, parent* of) : home(in), child(of) {}
    parent(const parent&) = delete;
    parent& operator=(const parent&) = delete;
    ~parent() {
        ++destroyed;
        if (child != nullptr) {
            home->destroy(child);
        }
    }
};

TEST(object_set, destroys_each_one_once_where_objects_destroy_each_other) {
    parent::destroyed = 0;
    {
        object_set<parent> family;
        std::vector<parent*> children;
        for (int i = 0; i != 200; ++i) { // parents first, so that they are destroyed before their children
            children.push_back(family.create(&family, nullptr));
        }
        for (std::size_t i = 0; i != 100; ++i) {
            children[i]->child = children[i + 100];
        }
    }
    EXPECT_EQ(parent::destroyed, 200);
}

TEST(object_set, moves_with_its_objects) {
    object_set<counted> objects;
    counted* const one = objects.create(7);
    object_set<counted> taken(std::move(objects));
    EXPECT_EQ(one->value, 7);
    object_set<counted> others;
    static_cast<void>(others.create(8));
    others = std::move(taken);
    EXPECT_EQ(counted::live, 1) << "what the target held is destroyed";
    others.destroy(one);
    EXPECT_EQ(counted::live, 0);
}

} // namespace
} // namespace poolmark::tests
