#include <capstan/local/digitalocean/contract_guard.hpp>

#include <utility>

namespace capstan::simulated_digitalocean {

Result<std::string> ReadContract(Files& files, Process& process) {
  const auto path = process.Environment(kContractVariable);
  if (!path || path->empty()) return std::string();
  auto text = files.Read(*path);
  if (!text) return Annotate(std::move(text).error(), kContractVariable);
  return text;
}

Result<std::unique_ptr<ContractGuard>> ContractGuard::Make(http::Handler& inner, const std::string& document,
                                                           ContractHandler::Report report) {
  std::unique_ptr<OpenApiContract> contract;
  if (!document.empty()) {
    CAPSTAN_TRY(contract, OpenApiContract::Parse(document));
  }
  auto guard = Make(inner, contract.get(), std::move(report));
  guard->contract_ = std::move(contract);
  return guard;
}

std::unique_ptr<ContractGuard> ContractGuard::Make(http::Handler& inner, const OpenApiContract* contract,
                                                   ContractHandler::Report report) {
  std::unique_ptr<ContractGuard> guard(new ContractGuard(inner));
  if (contract) guard->checked_ = std::make_unique<ContractHandler>(*contract, inner, std::move(report));
  return guard;
}

}  // namespace capstan::simulated_digitalocean
