// The two records that the layouts are compared on. All fields are numbers, so each layout holds the same payload
// and no layout pays for text that another one leaves out.
#pragma once

#include "benchmarks/contenders/layouts/record.hpp"

#include <cstdint>
#include <string_view>
#include <tuple>

namespace poolmark {

// A point or a direction: the small object, where a layout's fixed cost weighs most. 16 bytes, no padding.
struct vector2d {
    double x = 0;
    double y = 0;

    static constexpr std::string_view record_name = "Vector2D";
    static constexpr std::tuple fields{field_entry{"x", &vector2d::x}, field_entry{"y", &vector2d::y}};
    [[nodiscard]] friend bool operator==(const vector2d&, const vector2d&) = default;
};

// A line of a log with its text left in a table: `event` is the number of the message there. 36 bytes of fields,
// 40 with the padding after `level`.
struct log_record {
    std::int64_t timestamp = 0; // nanoseconds
    std::int32_t level = 0;
    std::int64_t user_id = 0;
    double duration = 0; // seconds
    std::int64_t event = 0;

    static constexpr std::string_view record_name = "LogRecord";
    static constexpr std::tuple fields{
        field_entry{"timestamp", &log_record::timestamp}, field_entry{"level", &log_record::level},
        field_entry{"user_id", &log_record::user_id}, field_entry{"duration", &log_record::duration},
        field_entry{"event", &log_record::event}};
    [[nodiscard]] friend bool operator==(const log_record&, const log_record&) = default;
};

static_assert(record<vector2d> && sizeof(vector2d) == 16 && payload_bytes<vector2d> == 16);
static_assert(record<log_record> && sizeof(log_record) == 40 && payload_bytes<log_record> == 36);
static_assert(field_position<log_record>("duration") == 3 && field_position<log_record>("text") == 5);

} // namespace poolmark
