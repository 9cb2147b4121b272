// DigestedStorage is a Storage that maintains a hash of its content, excluding times and versions,
// at the cost of a hash for each change. An object's uid is hashed as the name of the object and
// the number of earlier objects of that name, because the random uid depends on how many events
// were written. CustomResourceDefinitions, events and the lease for leader election are excluded:
// no reconcile depends on the first two, and HolderOfLease returns the holder.
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
  // `lease`: the suffix of the lease's key, such as "/leases/capstan-system/capstan".
  explicit DigestedStorage(std::string lease);
  Result<apiserver::StoredState> Load() override { return next_->Load(); }
  Status Commit(const std::string& key, apiserver::SharedText text, std::uint64_t revision) override;

  std::uint64_t digest() const { return digest_; }
  // Grows with each change that affects the digest.
  std::uint64_t changes() const { return changes_; }
  std::string HolderOfLease() const;

 private:
  const std::unique_ptr<apiserver::Storage> next_;
  void NameUid(const std::string& key, const std::string& text);

  const std::string lease_key_;
  std::string lease_;
  std::map<std::string, std::uint64_t> rows_;
  UidNames uids_;
  // Key to the number of uids that its objects had so far.
  std::map<std::string, std::uint64_t> drawn_;
  std::uint64_t changes_ = 0;
  std::uint64_t digest_ = 0;  // of all rows, independent of their order
};

}  // namespace capstan::simulation
