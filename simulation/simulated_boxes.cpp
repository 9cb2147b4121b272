#include <capstan/simulation/simulated_boxes.hpp>

#include <capstan/simulation/box_provider.hpp>

namespace capstan::simulation {

BoxCloudOptions SimulatedBoxes::Options(const CloudSetting& setting) {
  BoxCloudOptions options;
  options.list_lag = setting.list_lag;
  options.get_lag = setting.get_lag;
  options.account_readable = setting.account_readable;
  return options;
}

SimulatedBoxes::SimulatedBoxes(const CloudSetting& setting, const Clock& clock)
    : lists_(setting.lists), cloud_(Options(setting), clock) {}

std::vector<CloudObject> SimulatedBoxes::Objects() const {
  std::vector<CloudObject> all;
  for (const auto& box : cloud_.Boxes()) all.push_back({box.id, box.name, box.tags, !box.delete_requested});
  return all;
}

std::vector<CloudChange> SimulatedBoxes::Changes() const {
  std::vector<CloudChange> all;
  for (const auto& change : cloud_.Changes()) {
    all.push_back({change.operation, change.id, change.operation == "POST /boxes",
                   change.operation == "PUT tags", change.tags_before});
  }
  return all;
}

std::unique_ptr<external::Provider> SimulatedBoxes::MakeProvider(http::Transport& transport,
                                                                 Scheduler&) const {
  return std::make_unique<BoxProvider>(transport, "http://boxes.test", lists_);
}

bool SimulatedBoxes::ShowsEdit() const {
  for (const auto& box : cloud_.Boxes()) {
    if (!box.delete_requested && box.size != 4) return false;
  }
  return true;
}

void SimulatedBoxes::Drift() {
  for (const auto& box : cloud_.Boxes()) cloud_.Resize(box.id, kDriftedSize);
}

bool SimulatedBoxes::Drifted() const {
  for (const auto& box : cloud_.Boxes()) {
    if (!box.delete_requested && box.size == kDriftedSize) return true;
  }
  return false;
}

std::string SimulatedBoxes::crd() const { return BoxCrd(); }

std::unique_ptr<CloudUnderTest> MakeBoxes(const CloudSetting& setting, const Clock& clock) {
  return std::make_unique<SimulatedBoxes>(setting, clock);
}

}  // namespace capstan::simulation
