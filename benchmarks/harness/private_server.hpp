// A server of our own: on a socket in a folder that only its owner can enter, or on loopback; gone when we are.
//
//   this process ──fork──► keeper ──fork, exec──► redis-server or memcached
//        │                   │ waits for the pipe's end: then it kills the server and removes the folder
//        └────── pipe ───────┘ whatever ended this process: return, exception, kill -9
//
// No persistence, no configuration file, nothing that listens to other machines.
#pragma once

#include "benchmarks/contenders/stores/timed_socket.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace poolmark::benchmarks {

enum class server_kind { redis, memcached };

class private_server {
public:
    // Returns when it answers, and no other that took its place. Throws
    // std::runtime_error where it is not installed or does not answer in 10 s.
    explicit private_server(server_kind kind, bool on_loopback = false);
    private_server(const private_server&) = delete;
    private_server& operator=(const private_server&) = delete;
    ~private_server();

    [[nodiscard]] const endpoint& where() const noexcept { return where_; }
    [[nodiscard]] ::pid_t process() const noexcept { return server_; }
    [[nodiscard]] ::pid_t keeper() const noexcept { return keeper_; }
    [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

    void stop() noexcept; // kills it; the folder stays. Twice is once
    void start();         // again, at the same place

private:
    [[nodiscard]] std::vector<std::string> command() const;
    [[nodiscard]] bool answers() const;
    void start_keeper();
    void end_keeper(char how) noexcept;

    server_kind kind_;
    std::string program_;
    std::string folder_;
    endpoint where_;
    ::pid_t keeper_ = -1;
    ::pid_t server_ = -1;
    int pipe_ = -1;
};

} // namespace poolmark::benchmarks
