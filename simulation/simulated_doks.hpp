// DigitalOcean as a CloudUnderTest: the provider linked directly, and the simulated DOKS API.
#pragma once

#include <memory>
#include <utility>

#include <capstan/core/base/log.hpp>
#include <capstan/core/base/random.hpp>
#include <capstan/local/digitalocean/cloud.hpp>
#include <capstan/local/digitalocean/contract_guard.hpp>
#include <capstan/simulation/cloud_under_test.hpp>

namespace capstan::simulation {

class SimulatedDoks final : public CloudUnderTest {
 public:
  // Names are not unique here: a cloud that refuses a second cluster of the same name would hide
  // doubles.
  SimulatedDoks(const CloudSetting& setting, const Clock& clock);
  http::Handler& handler() override { return guard_ ? guard_->handler() : cloud_; }
  std::string authority() const override { return "api.digitalocean.com"; }
  std::vector<CloudObject> Objects() const override;
  std::vector<CloudChange> Changes() const override;
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override;
  std::string crd() const override;
  std::string spec() const override;
  std::string token(int account) const override { return account == 0 ? "dop_v1_first" : "dop_v1_second"; }
  std::string edit() const override;
  bool ShowsEdit() const override;
  void Drift() override;
  bool Drifted() const override;

  // A second token of the first account.
  static constexpr char kSpareToken[] = "dop_v1_spare";

  simulated_digitalocean::SimulatedCloud& cloud() { return cloud_; }
  // Sends every exchange through `guard`, which must have been made for cloud().
  void UseGuard(std::unique_ptr<simulated_digitalocean::ContractGuard> guard) { guard_ = std::move(guard); }

 private:
  // The number of nodes in the pool of spec() of each cluster that is not being deleted.
  std::vector<std::string> NodeCounts() const;

  const std::unique_ptr<Random> random_;
  mutable SilentLog log_;
  mutable simulated_digitalocean::SimulatedCloud cloud_;
  std::unique_ptr<simulated_digitalocean::ContractGuard> guard_;
};

std::unique_ptr<CloudUnderTest> MakeDoks(const CloudSetting& setting, const Clock& clock);

}  // namespace capstan::simulation
