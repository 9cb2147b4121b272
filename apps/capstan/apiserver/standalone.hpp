// StandaloneApi: the embedded Kubernetes API server by itself, serving on one address, with the
// certificates, token and kubeconfig for its clients. Thread-safe once started. Everything passed
// to Start must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/core/base/result.hpp>
#include <capstan/core/base/scheduler.hpp>
#include <capstan/core/base/secret.hpp>
#include <capstan/local/apiserver/server.hpp>

namespace capstan::app {

struct StandaloneApiOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free port
  std::string data_dir;    // contains the database; empty: everything in memory
  // PEM; if both are empty, they are generated at start.
  std::string certificate_pem;
  Secret key_pem;
  std::string client_ca_pem;                      // the authority for client certificates, which name users
  std::vector<apiserver::TokenUser> token_users;  // in addition to the administrator's
  bool rbac = false;
  Duration namespace_removal_delay = Duration::zero();  // see ApiServerOptions
};

class StandaloneApi {
 public:
  virtual ~StandaloneApi() = default;
  virtual std::string url() const = 0;
  // YAML for kubectl, as an administrator.
  virtual std::string kubeconfig() const = 0;
  virtual std::string certificate_pem() const = 0;
  virtual std::string key_pem() const = 0;
  // Errors: kUnavailable (the port is in use), kInvalidArgument (a certificate), kDataLoss (the
  // database is damaged).
  static Result<std::unique_ptr<StandaloneApi>> Start(const StandaloneApiOptions& options,
                                                      Scheduler& scheduler, Random& random, Log& log);
};

}  // namespace capstan::app
