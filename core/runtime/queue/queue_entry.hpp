// Private to WorkqueueCore: what it knows about one key. The texts of the key follow in the same
// block, since there is an entry for each object.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {

struct WorkqueueCore::Entry {
  Instant due{};  // valid if wanted
  Timer timer;
  std::uint32_t held_at = 0;  // index in held_; valid if held
  Entry* previous = nullptr;  // both are used only while ready
  Entry* next = nullptr;
  std::int32_t failures = 0;
  std::uint32_t namespace_size = 0, name_size = 0;
  Priority priority = Priority::kPoll;
  bool wanted : 1 = false;  // should be reconciled at `due`
  bool ready : 1 = false;   // linked into a Line
  bool processing : 1 = false;
  bool held : 1 = false;
  bool fresh : 1 = false;

  const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view namespace_() const { return {bytes(), namespace_size}; }
  std::string_view name() const { return {bytes() + namespace_size, name_size}; }
  kube::ObjectKey key() const { return {std::string(namespace_()), std::string(name())}; }

  static Entry* Make(const kube::ObjectKey& key) {
    auto* entry = new (::operator new(sizeof(Entry) + key.namespace_.size() + key.name.size())) Entry;
    entry->namespace_size = static_cast<std::uint32_t>(key.namespace_.size());
    entry->name_size = static_cast<std::uint32_t>(key.name.size());
    char* const texts = reinterpret_cast<char*>(entry + 1);
    std::memcpy(texts, key.namespace_.data(), key.namespace_.size());
    std::memcpy(texts + key.namespace_.size(), key.name.data(), key.name.size());
    return entry;
  }
  static void Free(Entry* entry) { ::operator delete(entry); }
};

}  // namespace capstan::runtime
