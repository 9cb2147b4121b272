// ContractGuard puts a ContractHandler in front of a server when DigitalOcean's own document is
// available, and nothing otherwise, so that every request of the provider and every answer of the
// simulator is checked against that document; tests get it from testing/contract.hpp. Thread-safe
// if `report` is. The inner handler must outlive it.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/local/digitalocean/contract/openapi_contract.hpp>

namespace capstan::simulated_digitalocean {

// The environment variable with the path of the document. Unset: there is none.
inline constexpr char kContractVariable[] = "CAPSTAN_DIGITALOCEAN_OPENAPI";
// The text of the document; empty when the variable is not set. Errors: those of Files::Read.
Result<std::string> ReadContract(Files& files, Process& process);

class ContractGuard {
 public:
  // `document`: OpenAPI text; empty: nothing is checked. Errors: kInvalidArgument when it is not
  // such a text.
  static Result<std::unique_ptr<ContractGuard>> Make(http::Handler& inner, const std::string& document,
                                                     ContractHandler::Report report);
  // `contract` must outlive the guard; null: nothing is checked.
  static std::unique_ptr<ContractGuard> Make(http::Handler& inner, const OpenApiContract* contract,
                                             ContractHandler::Report report);
  // The handler for clients; valid as long as the guard.
  http::Handler& handler() { return checked_ ? static_cast<http::Handler&>(*checked_) : inner_; }

 private:
  explicit ContractGuard(http::Handler& inner) : inner_(inner) {}

  http::Handler& inner_;
  std::unique_ptr<OpenApiContract> contract_;
  std::unique_ptr<ContractHandler> checked_;
};

}  // namespace capstan::simulated_digitalocean
