// Codecs: one ObjectCodec for each kind, for stores that share the objects of a kind.
//
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include <capstan/core/base/mutex.hpp>
#include <capstan/core/kube/kind.hpp>
#include <capstan/core/runtime/store/object_codec.hpp>

namespace capstan::runtime {

class Codecs {
 public:
  // The same kind always returns the same codec; metadata alone has one of its own, since it has
  // nothing in common with whole objects. Owned together with the stores.
  std::shared_ptr<ObjectCodec> Of(const kube::Kind& kind, bool metadata_only) CAPSTAN_EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  std::map<std::pair<kube::Kind, bool>, std::shared_ptr<ObjectCodec>> codecs_ CAPSTAN_GUARDED_BY(mutex_);
};

}  // namespace capstan::runtime
