// Fleet is an operator with many clusters in simulated time: the controllers, the embedded API
// server, the DigitalOcean provider behind QuotaTransport, and the simulated cloud with its
// documented limits.
//
// For the driver thread of its SimulatedScheduler.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/simulated_scheduler.hpp>
#include <capstan/core/http/loopback.hpp>
#include <capstan/core/http/quota.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/runtime/manager.hpp>
#include <capstan/local/apiserver/server.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>
#include <capstan/simulation/engine/direct_transport.hpp>

namespace capstan::scale {

struct FleetOptions {
  int accounts = 1;                                 // each with its own token
  int workers = 8;                                  // the default of `capstan run`
  simulated_digitalocean::RateLimitOptions limits;  // as documented
  // Called if a request or an answer does not conform to DigitalOcean's OpenAPI document, if that
  // is available (CAPSTAN_DIGITALOCEAN_OPENAPI).
  simulated_digitalocean::ContractHandler::Report violation = [](const std::string&) {};
};

class Fleet {
 public:
  explicit Fleet(FleetOptions options = {});
  ~Fleet();

  // Creates objects `from` to `to` (exclusive) whose clusters have been running for long: created,
  // tagged and recorded, but not by an operator of this fleet. Takes simulated time.
  void CreateLongRunning(int from, int to, int account = 0);
  void StartOperator();

  // Creates an object as a user would.
  void CreateObject(int number, int account = 0);
  void Delete(int number);
  // Another program uses the token of that account: it sends so many requests, as many in each
  // minute as the limit permits.
  void SendRequests(int account, int requests);

  // The number of objects with both conditions: "True/Available", "True/InSync".
  int Count(const std::string& ready, const std::string& synced) const;
  // "True/Available"; empty if there is no such object or condition.
  std::string Condition(int number, const std::string& type) const;
  std::string ClusterId(int number) const;
  std::size_t objects() const { return lister_.List().size(); }
  // Runs until `done`, which is evaluated every `step`; returns how long it took, or nothing if
  // `limit` passed.
  std::optional<Duration> Until(const std::function<bool()>& done, Duration limit,
                                Duration step = std::chrono::seconds(5));
  // The requests that reached the cloud so far, and those that it refused.
  std::uint64_t Requests() const;
  std::uint64_t Refusals() const { return cloud.RateLimited(); }
  std::string RequestsByOperation() const;
  // The operator's requests to the API server so far, watches included.
  std::uint64_t KubernetesRequests() const;

  static std::string Name(int number);
  static std::string Token(int account);

  SimulatedScheduler scheduler;

 private:
  const FleetOptions options_;
  const std::unique_ptr<Random> random_;

 public:
  simulated_digitalocean::SimulatedCloud cloud;

 private:
  const std::unique_ptr<simulated_digitalocean::ContractGuard> contract_;  // in front of the cloud
  const external::KindInfo info_;
  const kube::Kind kind_;
  RecordingLog log_;
  const std::unique_ptr<apiserver::Storage> storage_;
  std::unique_ptr<apiserver::ApiServer> api_;
  std::unique_ptr<simulation::DirectTransport> direct_api_, direct_cloud_;
  http::LoopbackTransport kubernetes_, wire_;
  class Counted;
  const std::unique_ptr<Counted> counted_;  // in front of kubernetes_
  http::QuotaTransport quota_;
  kube::Client admin_, client_;
  class Silent;
  const std::unique_ptr<runtime::EventRecorder> events_;
  runtime::AlwaysLeader fence_{"fleet"};
  const std::unique_ptr<runtime::Metrics> metrics_;
  std::unique_ptr<external::Provider> provider_;
  runtime::Manager manager_;
  runtime::Lister lister_;
};

}  // namespace capstan::scale
