//! The life of a dbpath as a table: what each event does to the state, the file and what is sent. It knows no
//! thread, no lock and no time but "before" and "after" the next attempt.

/// What the endpoint does with an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Accepts,
    IsBusy,
    Refuses,
    HangsUp,
    NeverAnswers,
}

/// How a server is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub do_not_track: bool,
    /// `perconaTelemetry` at start-up.
    pub parameter: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Start(Options),
    Switch(bool),
    Stop,
    /// The process ends without a stop.
    Crash,
    /// The wait for the next attempt is over.
    TimePasses,
    /// `/etc/percona/telemetry-disable` comes or goes.
    HostSwitch(bool),
    /// Another program writes an opt-out into the file.
    ForeignOptOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Off,
    Waiting,
    Sending,
    Retrying,
    Sent,
    GaveUp,
    Stopped,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Sent => "sent",
            Self::GaveUp => "gaveUp",
            Self::Stopped => "stopped",
        }
    }

    /// Whether a thread works or waits.
    fn has_work(self) -> bool {
        matches!(self, Self::Waiting | Self::Sending | Self::Retrying)
    }
}

/// What is in `telemetry_uuid`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct File {
    pub has_report: bool,
    pub is_reported: bool,
    pub is_opted_out: bool,
}

/// A server that runs or has stopped.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub state: State,
    pub is_on: bool,
    pub is_stopped: bool,
    /// An attempt of this run has failed or was cancelled, and the time of the next has not come.
    backs_off: bool,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub file: File,
    pub host_switch: bool,
    /// The environment of the run.
    do_not_track: bool,
    pub run: Option<Run>,
    /// How many requests the endpoint has got.
    pub sent: usize,
    answers: Vec<Answer>,
}

impl Model {
    pub fn new(answers: Vec<Answer>) -> Self {
        Self {
            file: File::default(),
            host_switch: false,
            do_not_track: false,
            run: None,
            sent: 0,
            answers,
        }
    }

    /// Whether this can happen now.
    pub fn can_happen(&self, event: Event) -> bool {
        match (event, &self.run) {
            (Event::Start(_), run) => run.is_none(),
            (Event::HostSwitch(on), _) => on != self.host_switch,
            (Event::ForeignOptOut, _) => !self.file.is_opted_out,
            (Event::TimePasses, run) => {
                run.is_some_and(|run| matches!(run.state, State::Waiting | State::Retrying))
            }
            (Event::Switch(_) | Event::Stop | Event::Crash, run) => run.is_some(),
        }
    }

    /// Whether a `set` at run time is accepted.
    pub fn accepts(&self, on: bool) -> bool {
        let is_off_outside = self.host_switch || self.do_not_track;
        let runs = self.run.is_some_and(|run| !run.is_stopped);
        runs && !(on && is_off_outside)
    }

    /// `is_deferred`: the time of the next attempt, as the file has it, has not come.
    pub fn happens(&mut self, event: Event, is_deferred: bool) {
        match event {
            Event::Start(options) => self.start(options, is_deferred),
            Event::HostSwitch(on) => self.host_switch = on,
            Event::ForeignOptOut => self.file.is_opted_out = true,
            Event::Crash => self.run = None,
            Event::Switch(on) if self.accepts(on) => self.switch(on, is_deferred),
            Event::Switch(_) => {}
            Event::TimePasses => self.time_passes(),
            Event::Stop => {
                let run = self.run.as_mut().unwrap();
                run.is_stopped = true;
                if run.state.has_work() {
                    run.state = State::Stopped;
                }
            }
        }
    }

    fn start(&mut self, options: Options, is_deferred: bool) {
        let is_on = !(options.do_not_track || self.host_switch || options.parameter == Some(false));
        self.do_not_track = options.do_not_track;
        self.run = Some(Run { state: State::Off, is_on, is_stopped: false, backs_off: false });
        if is_on {
            self.look_at_the_file(is_deferred);
        }
    }

    fn switch(&mut self, on: bool, is_deferred: bool) {
        let run = self.run.as_mut().unwrap();
        if !on {
            run.backs_off |= run.state == State::Sending;
            run.state = State::Off;
            run.is_on = false;
            self.file.is_opted_out = true;
        } else if !run.is_on {
            run.is_on = true;
            self.file.is_opted_out = false;
            self.look_at_the_file(is_deferred);
        } else if !run.state.has_work() {
            // Somebody else may have written an opt-out. With a thread at work, that one will see it.
            self.file.is_opted_out = false;
        }
    }

    fn time_passes(&mut self) {
        let run = self.run.as_mut().unwrap();
        run.backs_off = false;
        if self.host_switch {
            run.state = State::Off;
            run.is_on = false;
        } else {
            self.look_at_the_file(false);
        }
    }

    fn look_at_the_file(&mut self, is_deferred: bool) {
        let run = self.run.as_mut().unwrap();
        if self.file.is_opted_out {
            run.state = State::Off;
            run.is_on = false;
        } else if self.file.is_reported {
            run.state = State::Sent;
        } else {
            self.file.has_report = true;
            if is_deferred || run.backs_off {
                run.state = State::Waiting;
            } else {
                self.attempt();
            }
        }
    }

    fn attempt(&mut self) {
        let answer = self.answers[self.sent % self.answers.len()];
        self.sent += 1;
        let run = self.run.as_mut().unwrap();
        run.state = match answer {
            Answer::Accepts => State::Sent,
            Answer::IsBusy | Answer::HangsUp => State::Retrying,
            Answer::Refuses => State::GaveUp,
            Answer::NeverAnswers => State::Sending,
        };
        self.file.is_reported = answer == Answer::Accepts;
        run.backs_off = !matches!(answer, Answer::Accepts | Answer::NeverAnswers);
    }
}
