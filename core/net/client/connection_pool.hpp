// Private to core/net: idle connections kept for later requests to the same place.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/net/stream/buffered_reader.hpp>
#include <capstan/core/net/stream/channel.hpp>

namespace capstan::net {

struct Connection {
  explicit Connection(std::unique_ptr<Channel> opened) : channel(std::move(opened)), reader(*channel) {}
  std::unique_ptr<Channel> channel;
  BufferedReader reader;
  bool reused = false;
  Instant idle_since{};
};

// Thread-safe.
class ConnectionPool {
 public:
  ConnectionPool(std::size_t limit, Duration keep_alive) : limit_(limit), keep_alive_(keep_alive) {}
  // The most recently used connection to `place` that is still alive, or null. Closes dead ones.
  std::unique_ptr<Connection> Take(const std::string& place) CAPSTAN_EXCLUDES(mutex_);
  // Above the limit the connection that has been idle longest is closed.
  void Put(const std::string& place, std::unique_ptr<Connection> connection) CAPSTAN_EXCLUDES(mutex_);
  // Closes all idle connections to `place`. Called when one of them turned out to be dead: its
  // siblings are just as old.
  void Forget(const std::string& place) CAPSTAN_EXCLUDES(mutex_);
  std::size_t size() const CAPSTAN_EXCLUDES(mutex_);

 private:
  using Idle = std::vector<std::unique_ptr<Connection>>;  // oldest first
  std::unique_ptr<Connection> TakeNewest(const std::string& place) CAPSTAN_EXCLUDES(mutex_);
  std::unique_ptr<Connection> RemoveOldest() CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const std::size_t limit_;
  const Duration keep_alive_;

  // Guarded by mutex_.
  mutable Mutex mutex_;
  std::map<std::string, Idle> idle_ CAPSTAN_GUARDED_BY(mutex_);
  std::size_t count_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace capstan::net
