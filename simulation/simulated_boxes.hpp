// The smallest cloud as a CloudUnderTest, with access to its BoxCloud for tests that interfere with
// it.
#pragma once

#include <capstan/simulation/box_cloud.hpp>
#include <capstan/simulation/cloud_under_test.hpp>

namespace capstan::simulation {

class SimulatedBoxes : public CloudUnderTest {
 public:
  SimulatedBoxes(const CloudSetting& setting, const Clock& clock);
  http::Handler& handler() override { return cloud_; }
  std::string authority() const override { return "boxes.test"; }
  std::vector<CloudObject> Objects() const override;
  std::vector<CloudChange> Changes() const override;
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override;
  std::string crd() const override;
  std::string spec() const override { return R"("size":3,"color":"red")"; }
  std::string token(int account) const override { return account == 0 ? "token-a" : "token-b"; }
  std::string edit() const override { return R"("size":4)"; }
  bool ShowsEdit() const override;
  void Drift() override;
  bool Drifted() const override;

  BoxCloud& cloud() { return cloud_; }
  static BoxCloudOptions Options(const CloudSetting& setting);

 private:
  static constexpr std::int64_t kDriftedSize = 0;
  const bool lists_;
  BoxCloud cloud_;
};

}  // namespace capstan::simulation
