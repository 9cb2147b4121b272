// For tests: if CAPSTAN_DIGITALOCEAN_OPENAPI names DigitalOcean's own document, a test fails when
// an exchange with a simulated DigitalOcean violates it, except for KnownContradictions().
// Otherwise nothing is checked. Thread-safe.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <capstan/local/digitalocean/contract_guard.hpp>

namespace capstan::simulated_digitalocean {

// The document, read once for the whole program, or null. A test fails when the named file is not
// such a document.
inline const OpenApiContract* SuiteContract() {
  static const std::unique_ptr<OpenApiContract> kContract = []() -> std::unique_ptr<OpenApiContract> {
    const auto text = ReadContract(*MakeSystemFiles(), *MakeSystemProcess());
    if (text && text->empty()) return nullptr;
    auto contract = text ? OpenApiContract::Parse(*text)
                         : Result<std::unique_ptr<OpenApiContract>>(Failure(text.error()));
    if (contract) return std::move(*contract);
    ADD_FAILURE() << kContractVariable << ": " << contract.error();
    return nullptr;
  }();
  return kContract.get();
}

// A guard in front of `inner`, which must outlive it, that fails the test at each violation.
inline std::unique_ptr<ContractGuard> HoldToContract(http::Handler& inner,
                                                     const OpenApiContract* contract = SuiteContract()) {
  return ContractGuard::Make(inner, contract,
                             [](const std::string& violation) { ADD_FAILURE() << violation; });
}

}  // namespace capstan::simulated_digitalocean
