// LocalStack: the embedded Kubernetes API server and the simulated DigitalOcean, serving on
// loopback. The operator is separate; see operator.hpp. Thread-safe once started. Everything passed
// to Start must outlive it.
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
  std::string data_dir;              // contains the databases, keys and tokens; empty: everything in memory
  std::uint16_t apiserver_port = 0;  // 0: any free port
  std::uint16_t digitalocean_port = 0;
  std::uint16_t clusters_port = 0;                  // the Kubernetes APIs of the simulated clusters, with TLS
  Duration provisioning = std::chrono::seconds(8);  // until a simulated cluster is running
  // Switches of the simulated DigitalOcean: "list_lag=30s,per_minute=60".
  std::string digitalocean_behaviour;
  std::string kubeconfig_path;  // where to write the kubeconfig; empty: not written
  // DigitalOcean's OpenAPI document: exchanges with the simulated cloud that violate it are logged
  // as errors. Empty: no checks.
  std::string contract;
};

// How to reach both servers.
struct LocalAccess {
  std::string server;  // "https://127.0.0.1:43210"
  std::string ca_pem;
  Secret token;            // of an administrator
  std::string kubeconfig;  // YAML for kubectl
  std::string digitalocean_url;
  Secret digitalocean_token;
};

class LocalStack {
 public:
  virtual ~LocalStack() = default;
  virtual const LocalAccess& access() const = 0;
  // Errors: kUnavailable (a port is in use, the disk is full), kInvalidArgument, kDataLoss (a
  // database is damaged); each names the file or port.
  static Result<std::unique_ptr<LocalStack>> Start(const LocalStackOptions& options, Scheduler& scheduler,
                                                   Random& random, Files& files, Log& log);
};

}  // namespace capstan::app
