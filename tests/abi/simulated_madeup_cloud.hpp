// SimulatedMadeUpCloud is the cloud for the plugin in madeup_cloud/, as an http::Handler: in a
// simulation behind LoopbackTransport, or on a socket. The head of madeup_cloud/plugin.c documents
// its API. Thread-safe. The clock must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/base/time.hpp>
#include <capstan/core/http/handler.hpp>

namespace capstan::abi {

struct MadeUpCloudOptions {
  std::map<std::string, std::string> tokens = {{"token-a", "account-a"}};  // token to account
  Duration provisioning = std::chrono::seconds(60);  // creating → running; also resizing → running
  Duration removal = std::chrono::seconds(30);       // deleting → gone
  Duration list_lag = Duration::zero();              // how long a new cluster is missing in lists
  int page_size = 2;
};

struct MadeUpCluster {
  std::string id, account, name, state;
  std::int64_t size = 0;
  std::vector<std::string> tags;
  std::vector<std::pair<WallTime, std::string>> log;
  Instant made{};
  WallTime made_wall{};
  Instant changes{};  // when `state` changes next
};

class SimulatedMadeUpCloud final : public http::Handler {
 public:
  explicit SimulatedMadeUpCloud(const Clock& clock, MadeUpCloudOptions options = {});
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

  // The existing clusters, by id.
  std::vector<MadeUpCluster> Clusters() const CAPSTAN_EXCLUDES(mutex_);
  // Every cluster ever created, deleted ones included: "id name identity-tag".
  std::vector<std::string> EverMade() const CAPSTAN_EXCLUDES(mutex_);
  // The number of requests it has answered.
  int requests() const CAPSTAN_EXCLUDES(mutex_);

  // Creates a cluster as another user of the cloud would.
  std::string MakeForeign(const std::string& account, const std::string& name) CAPSTAN_EXCLUDES(mutex_);
  void RemoveAtOnce(const std::string& id) CAPSTAN_EXCLUDES(mutex_);
  void Break(const std::string& id) CAPSTAN_EXCLUDES(mutex_);
  void Tag(const std::string& id, std::vector<std::string> tags) CAPSTAN_EXCLUDES(mutex_);
  // Adds a disk as a workload in the cluster would. Disks outlive their cluster.
  void AddDisk(const std::string& cluster, const std::string& disk) CAPSTAN_EXCLUDES(mutex_);
  std::vector<std::string> Disks() const CAPSTAN_EXCLUDES(mutex_);

 private:
  void Advance() CAPSTAN_REQUIRES(mutex_);
  http::Response Answer(const http::Request& request) CAPSTAN_REQUIRES(mutex_);
  http::Response Create(const std::string& account, const std::string& body) CAPSTAN_REQUIRES(mutex_);
  http::Response List(const std::string& account, const std::string& page) CAPSTAN_REQUIRES(mutex_);
  http::Response One(const http::Request& request, MadeUpCluster& cluster) CAPSTAN_REQUIRES(mutex_);
  http::Response Part(const http::Request& request, MadeUpCluster& cluster, const std::string& part,
                      const std::string& since) CAPSTAN_REQUIRES(mutex_);
  http::Response Remove(const http::Request& request, MadeUpCluster& cluster) CAPSTAN_REQUIRES(mutex_);
  void Enter(MadeUpCluster& cluster, const std::string& state, Duration until) CAPSTAN_REQUIRES(mutex_);

  const Clock& clock_;
  const MadeUpCloudOptions options_;
  mutable Mutex mutex_;
  std::map<std::string, MadeUpCluster> clusters_ CAPSTAN_GUARDED_BY(mutex_);
  std::map<std::string, std::string> disks_ CAPSTAN_GUARDED_BY(mutex_);  // to their clusters
  std::vector<std::string> ever_made_ CAPSTAN_GUARDED_BY(mutex_);
  int next_id_ CAPSTAN_GUARDED_BY(mutex_) = 1;
  int requests_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace capstan::abi
