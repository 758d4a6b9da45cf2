// Runs a program and keeps what it said. For tests that look at poolmark-bench from outside, as the driver does.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

namespace poolmark::tests {

struct finished {
    int code = 0; // 128 + n when signal n ended it, as a shell says
    std::string out;
    std::string err;
};

inline std::string content(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// A folder that is gone when the test is.
class scratch_folder {
public:
    scratch_folder() {
        std::string name = (std::filesystem::temp_directory_path() / "poolmark-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            std::abort();
        }
        path_ = name;
    }
    scratch_folder(const scratch_folder&) = delete;
    scratch_folder& operator=(const scratch_folder&) = delete;
    ~scratch_folder() { std::filesystem::remove_all(path_); }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// `command` is a shell's; `input` its standard input.
inline finished run(const std::string& command, const std::string& input = "") {
    const scratch_folder folder;
    const std::string at = folder.path().string();
    std::ofstream(folder.path() / "in") << input;
    // In a subshell, so that a command with words of its own before it (VARIABLE=value) is redirected as a whole.
    const int status = std::system(("( " + command + " ) <" + at + "/in >" + at + "/out 2>" + at + "/err").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(folder.path() / "out"),
            content(folder.path() / "err")};
}

// What `work` says in a process of its own, where it may set limits.
inline bool in_a_child(const std::function<bool()>& work) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::_exit(work() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return status == 0;
}

// One line and no more.
inline bool is_one_line(const std::string& text) {
    return !text.empty() && text.back() == '\n' && text.find('\n') == text.size() - 1;
}

} // namespace poolmark::tests
