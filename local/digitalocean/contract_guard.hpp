// ContractGuard puts ContractHandler in front of a server where DigitalOcean's own document is at
// hand, and nothing where it is not, so that every request of the provider and every answer of the
// simulator is held against that document; tests have it from testing/contract.hpp. Thread-safe if
// `report` is. The inner handler must outlive it.
#pragma once

#include <memory>
#include <string>

#include <capstan/core/base/files.hpp>
#include <capstan/core/base/process.hpp>
#include <capstan/local/digitalocean/contract/openapi_contract.hpp>

namespace capstan::simulated_digitalocean {

// Names the document. Unset: there is none.
inline constexpr char kContractVariable[] = "CAPSTAN_DIGITALOCEAN_OPENAPI";
// Its text; empty where the variable is not set. Errors: those of Files::Read.
Result<std::string> ReadContract(Files& files, Process& process);

class ContractGuard {
 public:
  // `document`: OpenAPI text; empty: all is passed on unchecked. Errors: kInvalidArgument when it
  // is no such text.
  static Result<std::unique_ptr<ContractGuard>> Make(http::Handler& inner, const std::string& document,
                                                     ContractHandler::Report report);
  // `contract` must outlive the guard; null: all is passed on unchecked.
  static std::unique_ptr<ContractGuard> Make(http::Handler& inner, const OpenApiContract* contract,
                                             ContractHandler::Report report);
  // What a client talks to. As long as the guard lives.
  http::Handler& handler() { return checked_ ? static_cast<http::Handler&>(*checked_) : inner_; }

 private:
  explicit ContractGuard(http::Handler& inner) : inner_(inner) {}

  http::Handler& inner_;
  std::unique_ptr<OpenApiContract> contract_;
  std::unique_ptr<ContractHandler> checked_;
};

}  // namespace capstan::simulated_digitalocean
