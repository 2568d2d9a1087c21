//! Every schedule with at most so many preemptions, depth first.
//!
//! A preemption is a switch away from a thread that could go on and has not yielded. All other choices, of
//! who runs after a thread that waits, are free. Most faults need one preemption or two.

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

pub struct BoundedPreemptions {
    bound: usize,
    max_executions: usize,
    executions: usize,
    choices: Vec<Choice>,
    depth: usize,
    preemptions: usize,
    /// Set if the last schedule was reached.
    is_complete: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

struct Choice {
    options: Vec<TaskId>,
    chosen: usize,
    /// Whether an option other than the first is a preemption.
    others_preempt: bool,
}

impl BoundedPreemptions {
    pub fn new(
        bound: usize,
        max_executions: usize,
        is_complete: std::sync::Arc<std::sync::atomic::AtomicBool>,
    ) -> Self {
        let choices = Vec::new();
        Self {
            bound,
            max_executions,
            executions: 0,
            choices,
            depth: 0,
            preemptions: 0,
            is_complete,
        }
    }

    fn choose(&mut self, options: Vec<TaskId>, others_preempt: bool) -> TaskId {
        if self.depth == self.choices.len() {
            self.choices.push(Choice { options, chosen: 0, others_preempt });
        } else {
            let known = &self.choices[self.depth].options;
            assert_eq!(*known, options, "an execution depends on its schedule alone");
        }
        let choice = &self.choices[self.depth];
        self.depth += 1;
        self.preemptions += usize::from(choice.others_preempt && choice.chosen > 0);
        choice.options[choice.chosen]
    }
}

impl Scheduler for BoundedPreemptions {
    fn new_execution(&mut self) -> Option<Schedule> {
        if self.executions > 0 {
            while self.choices.last().is_some_and(|c| c.chosen + 1 == c.options.len()) {
                self.choices.pop();
            }
            let Some(last) = self.choices.last_mut() else {
                self.is_complete.store(true, std::sync::atomic::Ordering::Relaxed);
                return None;
            };
            last.chosen += 1;
        }
        if self.executions == self.max_executions {
            return None;
        }
        self.executions += 1;
        self.depth = 0;
        self.preemptions = 0;
        Some(Schedule::new(0))
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        // shuttle also offers those that are parked, to be woken for nothing. The random schedules do that.
        let ready = runnable.iter().filter(|task| !task.blocked()).map(|task| task.id());
        let ready: Vec<_> = ready.collect();
        let current = current.filter(|id| !is_yielding && ready.contains(id));
        let others = ready.into_iter().filter(|id| Some(*id) != current);
        let may_preempt = current.is_none() || self.preemptions < self.bound;
        let options = current.into_iter().chain(others.filter(|_| may_preempt)).collect();
        Some(self.choose(options, current.is_some()))
    }

    fn next_u64(&mut self) -> u64 {
        0
    }
}
