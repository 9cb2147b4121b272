#include <capstan/core/runtime/store/codecs.hpp>

namespace capstan::runtime {

std::shared_ptr<ObjectCodec> Codecs::Of(const kube::Kind& kind, bool metadata_only) {
  MutexLock lock(mutex_);
  auto& codec = codecs_[{kind, metadata_only}];
  if (!codec) codec = std::make_shared<ObjectCodec>();
  return codec;
}

}  // namespace capstan::runtime
