#include <capstan/testing/worlds/world.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

#include <capstan/core/base/text.hpp>

namespace capstan::testing {
namespace {

// How soon a silent watch of a simulated instance notices that the wire was cut.
constexpr Duration kWatchSilence = std::chrono::seconds(5);

class PlainLife final : public Life {
 public:
  PlainLife(World& world, const Operator& description, int number)
      : description_(description),
        wire_(world.transport(), world.scheduler(), world.trouble, number, dead_,
              world.real() ? Duration::zero() : kWatchSilence),
        outside_(world.outside(), world.scheduler(), world.trouble, number, dead_, Duration::zero()),
        running_(description, {world.scheduler(), *world.random, world.log, wire_, outside_, world.server,
                               StrCat("test_", number), "default"}) {}
  const Operator& description() const override { return description_; }
  RunningOperator& running() override { return running_; }
  bool dead() const override { return dead_; }
  void Kill() override { dead_ = true; }

 private:
  const Operator& description_;
  std::atomic<bool> dead_{false};
  Wire wire_, outside_;
  RunningOperator running_;
};

}  // namespace

void EndOfTest(const std::string& message) {
  std::fprintf(stderr, "capstan::testing::Cluster: %s\n", message.c_str());
  std::abort();
}

std::unique_ptr<Life> World::Begin(const Operator& description, int number) {
  return std::make_unique<PlainLife>(*this, description, number);
}

void World::MakeClient() {
  kube::ClientOptions settings;
  settings.server = server;
  settings.field_manager = "test";
  client_ = std::make_unique<kube::Client>(transport(), scheduler(), settings);
}

}  // namespace capstan::testing
