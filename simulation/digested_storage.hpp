// DigestedStorage is a Storage that always knows a hash of what it holds, without times and
// versions, at the price of a hash for each change. An object's uid goes in as the name of the
// object and how many of that name there were before it, for which uid it drew depends on how many
// events were written. CustomResourceDefinitions, events and the lease that replicas vote with are
// left out: no reconcile depends on the first two, and who has the lease is asked of HolderOfLease.
//
// For the driver thread of the scheduler.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <capstan/local/apiserver/server.hpp>
#include <capstan/simulation/engine/interference.hpp>

namespace capstan::simulation {

class DigestedStorage final : public apiserver::Storage {
 public:
  // `lease`: how the key of that lease ends, such as "/leases/capstan-system/capstan".
  explicit DigestedStorage(std::string lease);
  Result<apiserver::StoredState> Load() override { return next_->Load(); }
  Status Commit(const std::string& key, apiserver::SharedText text, std::uint64_t revision) override;

  std::uint64_t digest() const { return digest_; }
  // Grows with each change that goes into the digest.
  std::uint64_t changes() const { return changes_; }
  std::string HolderOfLease() const;

 private:
  const std::unique_ptr<apiserver::Storage> next_;
  void NameUid(const std::string& key, const std::string& text);

  const std::string lease_key_;
  std::string lease_;
  std::map<std::string, std::uint64_t> rows_;
  UidNames uids_;
  std::map<std::string, std::uint64_t> drawn_;  // key: how many uids its objects had so far
  std::uint64_t changes_ = 0;
  std::uint64_t digest_ = 0;  // of all rows, whatever their order
};

}  // namespace capstan::simulation
