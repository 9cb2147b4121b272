// For tests: where CAPSTAN_DIGITALOCEAN_OPENAPI names DigitalOcean's own document, a test fails
// when something said to or by a simulated DigitalOcean does not agree with it, but for
// KnownContradictions(). Where it names none, nothing is checked. Thread-safe.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include <capstan/local/digitalocean/contract_guard.hpp>

namespace capstan::simulated_digitalocean {

// The document, read once for the whole program, or null. A test fails when what is named is no
// such document.
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

// What stands before `inner`, which must outlive it, and fails the test at each exchange that does
// not agree.
inline std::unique_ptr<ContractGuard> HoldToContract(http::Handler& inner,
                                                     const OpenApiContract* contract = SuiteContract()) {
  return ContractGuard::Make(inner, contract,
                             [](const std::string& violation) { ADD_FAILURE() << violation; });
}

}  // namespace capstan::simulated_digitalocean
