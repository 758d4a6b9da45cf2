// server_round_trips — the way to a cache server on this machine and back.
//
// Question:  what does a round trip to Redis or memcached cost, and what does a time limit add to it?
// Models:    results that several processes share through a server on the same machine.
// Favours:   hiredis called directly: a call may wait forever, and a server that is gone ends the program by SIGPIPE.
// Ignores:   the network, many clients, pipelines of several questions.
#include "benchmarks/harness/stores.hpp"

#include <dlfcn.h>

#include <optional>
#include <stdexcept>

#ifdef POOLMARK_HAS_HIREDIS
#include <hiredis/hiredis.h>
#endif
#ifdef POOLMARK_HAS_LIBMEMCACHED
#include <libmemcached/memcached.h>
#endif

namespace poolmark::benchmarks {
namespace {

#ifdef POOLMARK_HAS_HIREDIS
class bare_hiredis : public asks_a_server {
public:
    explicit bare_hiredis(const parameters& where)
        : server_(server_kind::redis, over_tcp(where)),
          context_(over_tcp(where) ? ::redisConnect(server_.where().at.c_str(), server_.where().port)
                                   : ::redisConnectUnix(server_.where().at.c_str())) {}
    bare_hiredis(const bare_hiredis&) = delete;
    bare_hiredis& operator=(const bare_hiredis&) = delete;
    ~bare_hiredis() { ::redisFree(context_); }
    std::optional<std::string> get(const std::string& key) {
        std::array<const char*, 2> words{"GET", key.data()};
        std::array<std::size_t, 2> sizes{3, key.size()};
        const reply said(::redisCommandArgv(context_, 2, words.data(), sizes.data()));
        return said && said->type == REDIS_REPLY_STRING
                   ? std::optional<std::string>(std::in_place, said->str, static_cast<std::size_t>(said->len))
                   : std::nullopt;
    }
    bool put(const std::string& key, const std::string& value) {
        std::array<const char*, 3> words{"SET", key.data(), value.data()};
        std::array<std::size_t, 3> sizes{3, key.size(), value.size()};
        const reply said(::redisCommandArgv(context_, 3, words.data(), sizes.data()));
        return said && said->type == REDIS_REPLY_STATUS;
    }

private:
    struct freeing {
        void operator()(::redisReply* said) const noexcept { ::freeReplyObject(said); }
    };
    struct reply : std::unique_ptr<::redisReply, freeing> {
        explicit reply(void* said) : std::unique_ptr<::redisReply, freeing>(static_cast<::redisReply*>(said)) {}
    };
    private_server server_;
    ::redisContext* context_;
};
#endif

#ifdef POOLMARK_HAS_LIBMEMCACHED
// Opened by who asks it: it brings libcrypto and more, with which no other process of a run should have to start.
class libmemcached {
public:
    decltype(&::memcached_create) create = find<decltype(create)>("memcached_create");
    decltype(&::memcached_free) free = find<decltype(free)>("memcached_free");
    decltype(&::memcached_get) get = find<decltype(get)>("memcached_get");
    decltype(&::memcached_set) set = find<decltype(set)>("memcached_set");
    decltype(&::memcached_server_add) add_tcp = find<decltype(add_tcp)>("memcached_server_add");
    decltype(&::memcached_server_add_unix_socket) add_local = find<decltype(add_local)>("memcached_server_add_unix_socket");
    decltype(&::memcached_behavior_set) set_behavior = find<decltype(set_behavior)>("memcached_behavior_set");

private:
    template <class Function>
    static Function find(const char* name) {
        static void* const library = ::dlopen(POOLMARK_HAS_LIBMEMCACHED_PATH, RTLD_NOW | RTLD_LOCAL);
        void* const found = library == nullptr ? nullptr : ::dlsym(library, name);
        if (found == nullptr) {
            throw std::runtime_error("poolmark: bare_libmemcached needs libmemcached (apt install libmemcached-dev)");
        }
        return reinterpret_cast<Function>(found);
    }
};

class bare_libmemcached : public asks_a_server {
public:
    explicit bare_libmemcached(const parameters& where)
        : server_(server_kind::memcached, over_tcp(where)), client_(library_.create(nullptr)) {
        if (over_tcp(where)) {
            library_.add_tcp(client_, server_.where().at.c_str(), server_.where().port);
            library_.set_behavior(client_, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
        } else {
            library_.add_local(client_, server_.where().at.c_str());
        }
    }
    bare_libmemcached(const bare_libmemcached&) = delete;
    bare_libmemcached& operator=(const bare_libmemcached&) = delete;
    ~bare_libmemcached() { library_.free(client_); }
    std::optional<std::string> get(const std::string& key) {
        std::size_t size = 0;
        std::uint32_t flags = 0;
        ::memcached_return_t how{};
        char* const found = library_.get(client_, key.data(), key.size(), &size, &flags, &how);
        std::optional<std::string> value;
        if (found != nullptr) {
            value.emplace(found, size);
            std::free(found);
        }
        return value;
    }
    bool put(const std::string& key, const std::string& value) {
        return library_.set(client_, key.data(), key.size(), value.data(), value.size(), 0, 0) == MEMCACHED_SUCCESS;
    }

private:
    libmemcached library_;
    private_server server_;
    ::memcached_st* client_;
};
#endif

std::vector<strategy> strategies_of_round_trips() {
    std::vector<strategy> list;
#ifdef POOLMARK_HAS_HIREDIS
    list.push_back(store_strategy<bare_hiredis>(bare_hiredis_about));
    list.push_back(store_strategy<store_in_server<redis_store, server_kind::redis>>(redis_store_about));
#else
    list.push_back({.about = bare_hiredis_about});
    list.push_back({.about = redis_store_about});
#endif
#ifdef POOLMARK_HAS_LIBMEMCACHED
    list.push_back(store_strategy<bare_libmemcached>(bare_libmemcached_about));
#else
    list.push_back({.about = bare_libmemcached_about});
#endif
    return list;
}

const registration registered{{
    .name = "server_round_trips",
    .question = "What does a round trip to Redis or memcached cost, and what does a time limit add to it?",
    .operation = "find one text by its key, or keep one",
    .models = "results that several processes share through a server on the same machine",
    .favours = "hiredis called directly: a call may wait forever, and nobody checks that the server is still there",
    .ignores = "the network, many clients, pipelines of several questions",
    .from = preset::full,
    .strategies = strategies_of_round_trips(),
    .points = grid({{"transport", {"local", "tcp"}}, {"operation", {"hit", "miss", "put"}}, {"bytes", {100, 10'000}}},
                   [](const parameters& at) {
                       return at.word("transport") == "local" && at.word("operation") == "hit" && at.number("bytes") == 100;
                   }),
}};

} // namespace
} // namespace poolmark::benchmarks
