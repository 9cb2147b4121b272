#include <capstan/core/net/client/connection_pool.hpp>

#include <utility>

namespace capstan::net {

std::unique_ptr<Connection> ConnectionPool::TakeNewest(const std::string& place) {
  MutexLock lock(mutex_);
  auto found = idle_.find(place);
  if (found == idle_.end() || found->second.empty()) return nullptr;
  auto connection = std::move(found->second.back());
  found->second.pop_back();  // the place stays: most connections come back
  --count_;
  return connection;
}

std::unique_ptr<Connection> ConnectionPool::Take(const std::string& place) {
  // Checks the socket outside the lock.
  while (auto connection = TakeNewest(place)) {
    if (BootNow() - connection->idle_since < keep_alive_ && connection->channel->IdleAndAlive()) {
      connection->reused = true;
      return connection;
    }
  }
  return nullptr;
}

std::unique_ptr<Connection> ConnectionPool::RemoveOldest() {
  auto oldest = idle_.begin();
  for (auto place = idle_.begin(); place != idle_.end(); ++place)
    if (place->second.front()->idle_since < oldest->second.front()->idle_since) oldest = place;
  auto connection = std::move(oldest->second.front());
  oldest->second.erase(oldest->second.begin());
  if (oldest->second.empty()) idle_.erase(oldest);
  --count_;
  return connection;
}

void ConnectionPool::Put(const std::string& place, std::unique_ptr<Connection> connection) {
  if (limit_ == 0) return;
  Idle closing;  // outlives the lock
  Instant now = BootNow();
  connection->idle_since = now;
  connection->reader.Trim();
  MutexLock lock(mutex_);
  idle_[place].push_back(std::move(connection));
  ++count_;
  // Otherwise idle connections to places that are no longer used would stay open for ever.
  for (auto& [name, connections] : idle_)
    while (!connections.empty() && now - connections.front()->idle_since >= keep_alive_) {
      closing.push_back(std::move(connections.front()));
      connections.erase(connections.begin());
      --count_;
    }
  std::erase_if(idle_, [](const auto& entry) { return entry.second.empty(); });
  while (count_ > limit_) closing.push_back(RemoveOldest());
}

void ConnectionPool::Forget(const std::string& place) {
  Idle closing;  // outlives the lock
  MutexLock lock(mutex_);
  const auto found = idle_.find(place);
  if (found == idle_.end()) return;
  closing = std::move(found->second);
  count_ -= closing.size();
  idle_.erase(found);
}

std::size_t ConnectionPool::size() const {
  MutexLock lock(mutex_);
  return count_;
}

}  // namespace capstan::net
