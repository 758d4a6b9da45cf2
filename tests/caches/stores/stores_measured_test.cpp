// What measures stores: one that fails is fast, so it must not look like an answer.
#include "benchmarks/harness/stores.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>

namespace poolmark::tests {
namespace {

bool is_gone = false;

class server_that_goes {
public:
    explicit server_that_goes(const benchmarks::parameters& /*where*/) {}
    [[nodiscard]] std::optional<std::string> get(const std::string& key) const {
        const auto at = kept_.find(key);
        return is_gone || at == kept_.end() ? std::nullopt : std::optional(at->second);
    }
    bool put(const std::string& key, const std::string& value) {
        kept_[key] = value;
        return !is_gone;
    }

private:
    std::map<std::string, std::string> kept_;
};

TEST(measured_stores, that_are_gone_are_no_answer_whatever_was_asked) {
    for (const char* const operation : {"hit", "miss", "put"}) {
        is_gone = false;
        benchmarks::store_subject<server_that_goes> subject({{"operation", operation}, {"bytes", 10}});
        const auto digest = subject.verify();
        EXPECT_EQ(subject.verify(), digest);
        EXPECT_NO_THROW(subject.run(3)) << operation;
        is_gone = true;
        EXPECT_THROW(static_cast<void>(subject.verify()), std::runtime_error) << operation;
        EXPECT_THROW(subject.run(3), std::runtime_error) << operation;
    }
}

} // namespace
} // namespace poolmark::tests
