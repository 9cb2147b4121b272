// SampledContract holds what is said to and by the simulated DigitalOcean against its document: the first
// exchange of each shape, and each so many-th of all. The whole of a thousand clusters, minute after minute,
// would take longer than everything else.
//
// Thread-safe if `report` is. The inner handler must outlive it.
#pragma once

#include <memory>
#include <set>
#include <string>

#include <capstan/core/base/mutex.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>

namespace capstan::scale {

// Method, path and query without ids and values, and which fields the body has: "PUT /v#/x/# {a,b:[{c}]}".
std::string ShapeOf(const http::Request& request);

class SampledContract final : public http::Handler {
 public:
  using Report = simulated_digitalocean::ContractHandler::Report;

  // `document`: as for ContractGuard. `every`: 1 checks all.
  static Result<std::unique_ptr<SampledContract>> Make(http::Handler& inner, const std::string& document,
                                                       int every, Report report);
  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context& context) override;

 private:
  SampledContract(http::Handler& inner, int every) : inner_(inner), every_(every) {}
  bool Due(const http::Request& request) CAPSTAN_EXCLUDES(mutex_);

  http::Handler& inner_;
  const int every_;
  std::unique_ptr<simulated_digitalocean::ContractGuard> guard_;
  Mutex mutex_;
  std::set<std::string> seen_ CAPSTAN_GUARDED_BY(mutex_);
  int since_ CAPSTAN_GUARDED_BY(mutex_) = 0;
};

}  // namespace capstan::scale
