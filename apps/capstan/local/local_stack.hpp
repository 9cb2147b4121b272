// LocalStack: the embedded Kubernetes API server and the simulated DigitalOcean, serving on
// loopback. The operator is not part of it; see operator.hpp. Thread-safe once started. Everything
// handed to Start must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>

namespace capstan::app {

struct LocalStackOptions {
  std::string data_dir;              // holds the databases, keys and tokens; empty: everything in memory
  std::uint16_t apiserver_port = 0;  // 0: any free one
  std::uint16_t digitalocean_port = 0;
  std::uint16_t clusters_port = 0;  // where the simulated clusters' own Kubernetes APIs are, with TLS
  Duration provisioning = std::chrono::seconds(8);  // how long a simulated cluster takes to run
  std::string digitalocean_behaviour;  // switches of the simulated DigitalOcean: "list_lag=30s,per_minute=60"
  std::string kubeconfig_path;         // where the kubeconfig goes; empty: not written
  // DigitalOcean's OpenAPI document: exchanges with the simulated cloud that do not fit it are
  // logged as errors. Empty: they are not checked.
  std::string contract;
};

// How to reach both servers.
struct LocalAccess {
  std::string server;  // "https://127.0.0.1:43210"
  std::string ca_pem;
  Secret token;            // an administrator's
  std::string kubeconfig;  // YAML for kubectl
  std::string digitalocean_url;
  Secret digitalocean_token;
};

class LocalStack {
 public:
  virtual ~LocalStack() = default;
  virtual const LocalAccess& access() const = 0;
  // Errors: kUnavailable (a port is taken, the disk is full), kInvalidArgument, kDataLoss (a
  // database is damaged); each names the file or port.
  static Result<std::unique_ptr<LocalStack>> Start(const LocalStackOptions& options, Scheduler& scheduler,
                                                   Random& random, Files& files, Log& log);
};

}  // namespace capstan::app
