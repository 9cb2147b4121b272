// Private to core/net: the table of a server's connections. It lets a client with a request
// displace a client that only occupies a connection.
//
// A full server evicts one connection for each new one: first those idle between two requests, then
// those that have not finished sending a request (a handshake, a slow head or body), then those
// that do not read their response; within each group the one that has been in that state longest.
// Only a server that is processing a request on every connection refuses new ones. A connection's
// age counts from its accept, because the order in which threads start says nothing about the order
// of arrival.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <stop_token>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>

namespace capstan::net {

// The state of a connection, in the order of eviction.
enum class ConnectionPhase { kIdle, kReadingRequest, kWritingResponse, kProcessing };

// Thread-safe. Must outlive its seats.
class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t limit) : limit_(limit) {}

 private:
  friend class Seat;
  struct Entry {
    ConnectionPhase phase = ConnectionPhase::kReadingRequest;
    Instant since{};
    Instant accepted{};
    std::stop_source leave;  // once stopped, the entry no longer counts
  };
  using Entries = std::list<Entry>;

  // Nothing if there is no room and no connection can be evicted. The evicted one may be the
  // newcomer itself, if connections that were accepted later are already registered.
  std::optional<Entries::iterator> Arrive(Instant accepted, Instant now) CAPSTAN_EXCLUDES(mutex_);
  void Leave(Entries::iterator entry) CAPSTAN_EXCLUDES(mutex_);
  void Set(Entries::iterator entry, ConnectionPhase phase, Instant now) CAPSTAN_EXCLUDES(mutex_);
  Entries::iterator FirstToLeave(Instant now) CAPSTAN_REQUIRES(mutex_);

  // Constant after construction.
  const std::size_t limit_;

  // Guarded by mutex_.
  Mutex mutex_;
  Entries entries_ CAPSTAN_GUARDED_BY(mutex_);
};

// One connection's place in the table, for the thread of that connection.
class Seat {
 public:
  // `stop` is the server's; it also stops the seat. `accepted`: when the connection was accepted.
  Seat(ConnectionTable& table, const std::stop_token& stop, Instant accepted, Instant now);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // False: the server is full.
  bool admitted() const { return entry_.has_value(); }
  void Set(ConnectionPhase phase, Instant now) {
    if (entry_) table_.Set(*entry_, phase, now);
  }
  // Stops when the connection must end.
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
