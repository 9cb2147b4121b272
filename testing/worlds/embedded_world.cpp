#include <capstan/testing/worlds/embedded_world.hpp>

namespace capstan::testing {
namespace {

std::shared_ptr<const apiserver::BuiltinSchemas> Schemas() {
  static const auto schemas = apiserver::MakeBuiltinSchemas();  // constant, and slow to make
  return schemas;
}

}  // namespace

EmbeddedWorld::EmbeddedWorld(std::uint64_t seed, SchedulePolicy policy) : scheduler_(std::move(policy)) {
  random = MakeSeededRandom(seed);
  server = "http://kubernetes.test";
  apiserver::ApiServerOptions options;
  options.schemas = Schemas();
  auto started = apiserver::ApiServer::Start(scheduler_, *random, quiet_, *storage_, options);
  if (!started) EndOfTest("the embedded API server does not start: " + started.error().message);
  api_ = std::move(*started);
  transport_.Route("kubernetes.test", api_.get());
  MakeClient();
}

void EmbeddedWorld::Do(const std::function<void(const Context&)>& work) {
  Task task = scheduler_.Spawn("test", work);
  if (!scheduler_.RunUntil([&] { return task.finished(); }))
    EndOfTest("a request was not answered in an hour");
}

}  // namespace capstan::testing
