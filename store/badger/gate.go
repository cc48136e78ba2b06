package badger

import "sync/atomic"

// gate counts the calls inside Badger, so that Close can wait for them: Badger
// unmaps its files when it closes, and a read still running would end the process.
type gate struct {
	inside atomic.Int64
	shut   atomic.Bool
	idle   chan struct{} // has room for one signal
}

func newGate() *gate { return &gate{idle: make(chan struct{}, 1)} }

// enter reports false when the gate is shut. Otherwise leave must follow.
func (g *gate) enter() bool {
	g.inside.Add(1)
	if g.shut.Load() {
		g.leave()
		return false
	}
	return true
}

func (g *gate) leave() {
	if g.inside.Add(-1) == 0 && g.shut.Load() {
		select {
		case g.idle <- struct{}{}:
		default:
		}
	}
}

// close shuts the gate and returns when nobody is inside. It reports false when
// it was shut before.
func (g *gate) close() bool {
	if g.shut.Swap(true) {
		return false
	}
	for g.inside.Load() != 0 {
		<-g.idle
	}
	return true
}
