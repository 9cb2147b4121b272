// An embedded world that injects failures at every effect of the operator. Private to the folder.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <capstan/simulation/engine/direct_transport.hpp>
#include <capstan/simulation/engine/explorer.hpp>
#include <capstan/simulation/engine/life.hpp>
#include <capstan/testing/worlds/embedded_world.hpp>

namespace capstan::testing {

class ExploredWorld final : public EmbeddedWorld {
 public:
  explicit ExploredWorld(std::uint64_t seed, const std::shared_ptr<std::size_t>& pick = MakePick());
  std::unique_ptr<Life> Begin(const Operator& description, int number) override;
  void Do(const std::function<void(const Context&)>& work) override;
  kube::Client& client() override { return still_ ? *direct_client_ : *client_; }
  bool still() const override { return still_; }
  bool WantsReplicas() const override { return wanted_replicas_ > 0; }
  int TakeWantedReplicas() override { return std::exchange(wanted_replicas_, 0); }

  // Calls `look` while all tasks are suspended.
  void Look(const std::function<void()>& look);
  void Strike(simulation::Mishap mishap, simulation::Life& life, const simulation::Effect& effect);
  // The content of the server, object by object, without parts that depend on time or chance.
  // `ignored`: JSON pointers into every object.
  std::map<std::string, Json> Snapshot(const std::vector<std::string>& ignored);
  // A hash of the snapshot, for comparison.
  std::uint64_t Digest();

  simulation::EffectLog effects;
  std::function<void()> user_action;  // the users' action at a kUserEdit
  std::string lease;                  // the name of the operator's lease, if it elects a leader

 private:
  static std::shared_ptr<std::size_t> MakePick() { return std::make_shared<std::size_t>(0); }
  const std::shared_ptr<std::size_t> pick_;
  simulation::DirectTransport direct_;
  std::unique_ptr<kube::Client> direct_client_;
  bool still_ = false;
  int wanted_replicas_ = 0;
};

// The differences between two snapshots, in words, a few lines at most; empty: none.
std::string DifferencesOf(const std::map<std::string, Json>& is, const std::map<std::string, Json>& wanted);

}  // namespace capstan::testing
