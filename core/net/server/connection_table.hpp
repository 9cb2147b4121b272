// Private to core/net: who is connected to a server, so that a client who only holds a connection
// makes room for one who comes with a request.
//
// A server that is full asks one client to leave for each that comes: first who waits between two
// requests, then who has not finished asking (a handshake, a slow head or body), then who takes
// nothing of its answer; of each the one that has been so longest. Only a server whose every client
// has a request in work refuses. A connection is as old as its accept: which thread runs first says
// nothing about who came first.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <stop_token>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::net {

// What a connection is doing, in the order in which it is asked to leave.
enum class Doing { kIdle, kAsking, kTaking, kWorking };

// Thread-safe. Must outlive its seats.
class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t limit) : limit_(limit) {}

 private:
  friend class Seat;
  struct Entry {
    Doing doing = Doing::kAsking;
    Instant since{};
    Instant accepted{};
    std::stop_source leave;  // for good once it has stopped: the entry no longer counts
  };
  using Entries = std::list<Entry>;

  // Nothing when there is no room and nobody can be asked to leave. The one who is asked may be the
  // newcomer: others who were accepted later are here already.
  std::optional<Entries::iterator> Arrive(Instant accepted, Instant now) CAPSTAN_EXCLUDES(mutex_);
  void Leave(Entries::iterator entry) CAPSTAN_EXCLUDES(mutex_);
  void Set(Entries::iterator entry, Doing doing, Instant now) CAPSTAN_EXCLUDES(mutex_);
  Entries::iterator FirstToLeave(Instant now) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const std::size_t limit_;

  // Guarded by mutex_.
  Mutex mutex_;
  Entries entries_ CAPSTAN_GUARDED_BY(mutex_);
};

// One connection's place in the table, for its own thread.
class Seat {
 public:
  // `stop`: of the server. It stops the seat too. `accepted`: when the connection was.
  Seat(ConnectionTable& table, const std::stop_token& stop, Instant accepted, Instant now);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // False: the server is full.
  bool admitted() const { return entry_.has_value(); }
  void Set(Doing doing, Instant now) {
    if (entry_) table_.Set(*entry_, doing, now);
  }
  // Stops when the connection is to end.
  const std::stop_token& stop() const { return stop_; }

 private:
  struct Pass {
    std::stop_source leave;
    void operator()() { leave.request_stop(); }
  };
  ConnectionTable& table_;
  const std::optional<ConnectionTable::Entries::iterator> entry_;
  const std::stop_source leave_;
  const std::stop_token stop_;
  const std::stop_callback<Pass> pass_;
};

}  // namespace capstan::net
