// Threads for our kernels.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace stillhouse {

// A handful of threads that wait for work. Tasks are numbered, so that results do not depend on who does which.
class Pool {
 public:
  static Pool& instance() {
    static Pool* pool = new Pool();  // never destroyed: threads may outlive static destructors
    return *pool;
  }

  // Throws what the first task that failed has thrown.
  void run(int64_t tasks, const std::function<void(int64_t)>& task) {
    if (workers_ == 0 || tasks < 2) {
      for (int64_t i = 0; i < tasks; i++) task(i);
      return;
    }
    // The caller does the first.
    const int64_t helpers = std::min<int64_t>(workers_, tasks - 1);
    std::lock_guard<std::mutex> one_at_a_time(runs_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      task_ = &task;
      tasks_ = tasks;
      next_ = 0;
      invited_ = busy_ = helpers;
    }
    // All at once where all are wanted, which is quicker than one by one.
    if (helpers == workers_) wake_.notify_all();
    for (int64_t i = 0; i < helpers && helpers < workers_; i++) wake_.notify_one();
    work();
    std::unique_lock<std::mutex> lock(mutex_);
    // Every task has been taken, so whoever has not come by now need not.
    busy_ -= invited_;
    invited_ = 0;
    done_.wait(lock, [this] { return busy_ == 0; });
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }

  int64_t threads() const { return workers_ + 1; }

 private:
  Pool() {
    const char* wanted = std::getenv("TF_NUM_INTRAOP_THREADS");
    int threads = wanted ? std::atoi(wanted) : 0;
    if (threads < 1) threads = static_cast<int>(std::thread::hardware_concurrency());
    workers_ = std::max(0, threads - 1);
    for (int i = 0; i < workers_; i++) std::thread([this] { serve(); }).detach();
  }

  void work() {
    try {
      for (int64_t i = next_++; i < tasks_; i = next_++) (*task_)(i);
    } catch (...) {
      // Out of a worker it would end the process. The tasks that are left would be done in vain.
      next_ = tasks_;
      std::lock_guard<std::mutex> lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void serve() {
    for (;;) {
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [this] { return invited_ > 0; });
        invited_--;
      }
      work();
      std::lock_guard<std::mutex> lock(mutex_);
      if (--busy_ == 0) done_.notify_one();
    }
  }

  std::mutex runs_, mutex_;
  std::condition_variable wake_, done_;
  const std::function<void(int64_t)>* task_ = nullptr;
  int64_t tasks_ = 0;
  std::atomic<int64_t> next_{0};
  int workers_ = 0;
  // Workers that may still join the run, and those that have or may.
  int64_t invited_ = 0, busy_ = 0;
  std::exception_ptr failure_;
};

}  // namespace stillhouse

using stillhouse::Pool;
