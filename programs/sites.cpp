// Reads the recording of one process and says what each call site did: `poolmark-program sites FOLDER`. JSON on standard output.
//
// Threads' files are merged by time, each in its own order. Live objects of a site form a list in the order of their birth, so that
// whether the newest or the oldest one dies costs no search.
#include "programs/commands.hpp"
#include "programs/recording.hpp"
#include "programs/site_table.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <queue>
#include <string>
#include <vector>

namespace poolmark::programs {
namespace {

namespace fs = std::filesystem;

// The events of one file, one after the other.
class events_of {
public:
    explicit events_of(const fs::path& path) : path_(path) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat found {};
        if (file >= 0 && ::fstat(file, &found) == 0 && static_cast<std::size_t>(found.st_size) >= header_bytes) {
            length_ = static_cast<std::size_t>(found.st_size);
            void* const mapped = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, file, 0);
            data_ = mapped == MAP_FAILED ? nullptr : static_cast<const unsigned char*>(mapped); // NOLINT(cppcoreguidelines-pro-type-cstyle-cast)
        }
        ::close(file);
        if (data_ != nullptr) {
            std::memcpy(&head, data_, sizeof head);
            chunk_end_ = first_chunk_bytes;
            at_ = header_bytes;
            advance();
        }
    }
    [[nodiscard]] bool valid() const {
        return data_ != nullptr && std::memcmp(head.magic, recording_magic, sizeof recording_magic) == 0 &&
               head.version == recording_version && head.event_bytes == sizeof(event);
    }
    [[nodiscard]] bool more() const { return more_; }
    [[nodiscard]] std::size_t length() const { return length_; }

    void advance() {
        for (;;) {
            const std::size_t end = chunk_end_ < length_ ? chunk_end_ : length_;
            if (at_ + sizeof(event) <= end) {
                std::memcpy(&now, data_ + at_, sizeof now);
                if (now.what() != operation::none) {
                    at_ += sizeof(event);
                    more_ = true;
                    return;
                }
            }
            if (chunk_end_ >= length_) { // the rest of a file that was cut is no event
                more_ = false;
                return;
            }
            at_ = chunk_end_;
            chunk_bytes_ = next_chunk_bytes(chunk_bytes_);
            chunk_end_ += chunk_bytes_;
        }
    }

    event now{};
    header head{};
    std::uint32_t thread = 0;
    std::vector<std::uint32_t> stacks{0}; // of this file, as numbers of the table

private:
    fs::path path_;
    const unsigned char* data_ = nullptr;
    std::size_t length_ = 0, at_ = 0;
    std::uint64_t chunk_end_ = 0, chunk_bytes_ = first_chunk_bytes;
    bool more_ = false;
};

} // namespace

int sites(char** words) {
    if (*words == nullptr) {
        return complain("sites: no folder");
    }
    std::vector<events_of> files;
    std::error_code failed;
    std::uint64_t lost = 0, bytes = 0, ticks = 0, ns = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(words[0], failed)) {
        if (entry.path().extension() == ".events") {
            files.emplace_back(entry.path());
            if (!files.back().valid()) {
                return complain(("not a recording of this version: " + entry.path().string()).c_str());
            }
            const header& head = files.back().head;
            lost += head.lost;
            bytes += files.back().length();
            if (head.ticks > ticks) {
                ticks = head.ticks;
                ns = head.ns;
            }
        }
    }
    if (failed) {
        return complain(("cannot read " + std::string(words[0])).c_str());
    }
    const auto later = [&files](std::size_t a, std::size_t b) {
        return files[a].now.time != files[b].now.time ? files[a].now.time > files[b].now.time : a > b;
    };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> order(later);
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files[i].more()) {
            order.push(i);
        }
    }
    site_table table(bytes / sizeof(event));
    std::vector<std::uint64_t> frames;
    while (!order.empty()) {
        events_of& file = files[order.top()];
        const std::size_t number = order.top();
        order.pop();
        // As long as no other file has an earlier event, there is nothing to order.
        do {
            const event& now = file.now;
            switch (now.what()) {
            case operation::stack:
                frames.push_back(now.block);
                if (now.bytes() == 1) {
                    if (file.stacks.size() <= now.stack) {
                        file.stacks.resize(now.stack + 1);
                    }
                    file.stacks[now.stack] = table.stack(frames);
                    frames.clear();
                }
                break;
            case operation::thread: file.thread = table.threads++; break;
            default: table.take(now, now.stack < file.stacks.size() ? file.stacks[now.stack] : 0, file.thread);
            }
            file.advance();
        } while (file.more() && (order.empty() || file.now.time < files[order.top()].now.time));
        if (file.more()) {
            order.push(number);
        }
    }
    table.print(ticks != 0 ? static_cast<double>(ns) / static_cast<double>(ticks) : 0, lost);
    return 0;
}

} // namespace poolmark::programs
