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
  std::unique_ptr<ContractGuard> guard(new ContractGuard(inner));
  if (document.empty()) return guard;
  CAPSTAN_TRY(guard->contract_, OpenApiContract::Parse(document));
  guard->checked_ = std::make_unique<ContractHandler>(*guard->contract_, inner, std::move(report));
  return guard;
}

}  // namespace capstan::simulated_digitalocean
