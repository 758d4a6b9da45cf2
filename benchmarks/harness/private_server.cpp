#include "benchmarks/harness/private_server.hpp"

#include "benchmarks/contenders/stores/descriptions.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

namespace poolmark::benchmarks {
namespace {

constexpr std::chrono::seconds patience{60};
constexpr char keep_folder = 'k';
constexpr char remove_folder = 'r';

// One that is free now. Somebody else may take it before the server does; then ours ends, and we try another.
std::uint16_t free_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof at;
    ::bind(probe, reinterpret_cast<const ::sockaddr*>(&at), size);
    ::getsockname(probe, reinterpret_cast<::sockaddr*>(&at), &size);
    ::close(probe);
    return ntohs(at.sin_port);
}

std::string own_name() {
    const ::passwd* const self = ::getpwuid(::geteuid());
    return self != nullptr ? self->pw_name : "root";
}

// What the keeper needs, made before the fork: behind it, of a program with threads, nothing may be allocated.
struct orders {
    char* const* command;
    char* const* environment;
    const char* folder;
    const char* socket;
    int to_parent;
};

[[noreturn]] void run_server(const orders& given, ::pid_t keeper) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != keeper || ::chdir(given.folder) != 0) {
        ::_exit(127);
    }
    ::sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(given.command[0], given.command, given.environment);
    ::_exit(127);
}

[[noreturn]] void keep(const orders& given) {
    ::setsid(); // ^C is for the parent, whose end is enough
    ::sigset_t all; // so is a signal to all that have the parent's name
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::prctl(PR_SET_NAME, "poolmark-keeper");
    ::prctl(PR_SET_PDEATHSIG, 0);
    ::dup2(given.to_parent, 0); // nobody waits for the end of what we might have inherited
    ::close_range(1, ~0U, 0);
    ::dup2(::open("/dev/null", O_RDWR | O_CLOEXEC), 2); // it is 1, so both are open
    const ::pid_t self = ::getpid();
    const ::pid_t server = ::fork();
    if (server == 0) {
        ::dup2(2, 0);
        ::dup2(2, 1);
        run_server(given, self);
    }
    static_cast<void>(!::send(0, &server, sizeof server, MSG_NOSIGNAL)); // whoever does not read it is gone: see below
    char how = remove_folder;
    while (::read(0, &how, 1) < 0 && errno == EINTR) {
    }
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    ::unlink(given.socket);
    if (how != keep_folder) {
        ::rmdir(given.folder); // the server writes nothing there
    }
    ::_exit(0);
}

// Its keeper buries it later.
bool has_ended(::pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    const std::string stat{std::istreambuf_iterator<char>(file), {}};
    return stat.find(") Z") != std::string::npos;
}

// Without what the heaps under test preload: it is the client that is measured.
std::vector<std::string> plain_environment() {
    std::vector<std::string> list;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view entry(*each);
        if (!entry.starts_with("LD_PRELOAD=") && !entry.starts_with("MALLOC_CONF=")) {
            list.emplace_back(entry);
        }
    }
    return list;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& each : texts) {
        list.push_back(each.data());
    }
    list.push_back(nullptr);
    return list;
}

} // namespace

private_server::private_server(server_kind kind, bool on_loopback)
    : kind_(kind), program_(program_on_path(kind == server_kind::redis ? "redis-server" : "memcached")) {
    if (program_.empty()) {
        throw std::runtime_error(kind == server_kind::redis ? "not installed: apt install redis-server"
                                                            : "not installed: apt install memcached");
    }
    program_ = std::filesystem::absolute(program_).string(); // it is started in another folder
    const std::string usual = std::filesystem::temp_directory_path().string();
    folder_ = (usual.size() > 80 ? "/tmp" : usual) + "/poolmark-XXXXXX"; // a socket's path has at most 107 bytes
    if (::mkdtemp(folder_.data()) == nullptr) { // for its owner alone
        throw std::runtime_error(folder_ + ": cannot make a folder there");
    }
    for (int attempt = 0;; ++attempt) {
        where_ = on_loopback ? endpoint{"127.0.0.1", free_port()} : endpoint{folder_ + "/socket"};
        try {
            start();
            return;
        } catch (const std::runtime_error&) {
            if (!on_loopback || attempt == 2) {
                ::rmdir(folder_.c_str());
                throw;
            }
        }
    }
}

private_server::~private_server() {
    end_keeper(remove_folder);
    std::error_code ignored; // where it had been stopped, or somebody had killed its keeper
    std::filesystem::remove_all(folder_, ignored);
}

void private_server::stop() noexcept { end_keeper(keep_folder); }

void private_server::start() {
    stop();
    start_keeper();
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!answers()) {
        const bool ended = has_ended(server_);
        if (ended || std::chrono::steady_clock::now() > end) {
            stop();
            throw std::runtime_error(program_ + (ended ? " ended at once" : " does not answer"));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

std::vector<std::string> private_server::command() const {
    const std::string port = std::to_string(where_.port);
    if (kind_ == server_kind::redis) {
        std::vector<std::string> words{program_, "--save", "", "--appendonly", "no", "--daemonize", "no",
                                       "--port", port, "--dir", folder_};
        if (where_.port == 0) {
            words.insert(words.end(), {"--unixsocket", where_.at, "--unixsocketperm", "700"});
        } else {
            words.insert(words.end(), {"--bind", where_.at});
        }
        return words;
    }
    std::vector<std::string> words{program_, "-m", "64", "-t", "1", "-U", "0"};
    if (::geteuid() == 0) {
        words.insert(words.end(), {"-u", own_name()});
    }
    if (where_.port == 0) {
        words.insert(words.end(), {"-s", where_.at, "-a", "700"});
    } else {
        words.insert(words.end(), {"-l", where_.at, "-p", port});
    }
    return words;
}

bool private_server::answers() const {
    poolmark::detail::timed_socket socket(std::chrono::milliseconds(500));
    socket.begin();
    const bool redis = kind_ == server_kind::redis;
    ::iovec part = poolmark::detail::bytes_of(redis ? "INFO server\r\n" : "stats\r\n");
    const std::string own = (redis ? "\nprocess_id:" : "STAT pid ") + std::to_string(server_) + "\r\n";
    std::string answer;
    std::array<char, 1024> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): read into
    if (!socket.open(where_) || !socket.send({&part, 1})) {
        return false;
    }
    for (::ssize_t got = 0; answer.find(own) == std::string::npos && answer.size() < 16 * buffer.size();
         answer.append(buffer.data(), static_cast<std::size_t>(got))) {
        if ((got = socket.receive(buffer)) <= 0) {
            return false;
        }
    }
    return answer.find(own) != std::string::npos;
}

void private_server::start_keeper() {
    std::vector<std::string> words = command();
    std::vector<std::string> environment = plain_environment();
    const std::vector<char*> arguments = pointers_to(words);
    const std::vector<char*> variables = pointers_to(environment);
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        throw std::runtime_error("no pipe to a server's keeper");
    }
    const orders given{arguments.data(), variables.data(), folder_.c_str(), where_.port == 0 ? where_.at.c_str() : "",
                       ends[1]};
    keeper_ = ::fork();
    if (keeper_ == 0) {
        keep(given);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
    ::ssize_t got = -1;
    while (keeper_ > 0 && (got = ::read(pipe_, &server_, sizeof server_)) < 0 && errno == EINTR) {
    }
    if (got != sizeof server_ || server_ < 0) {
        end_keeper(keep_folder);
        throw std::runtime_error(program_ + " cannot be started");
    }
}

void private_server::end_keeper(char how) noexcept {
    if (pipe_ >= 0) {
        static_cast<void>(!::send(pipe_, &how, 1, MSG_NOSIGNAL)); // its end says the same, but for the folder
        ::close(std::exchange(pipe_, -1));
    }
    if (keeper_ > 0) {
        while (::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {
        }
        keeper_ = -1;
    }
    server_ = -1;
}

} // namespace poolmark::benchmarks
